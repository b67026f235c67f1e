public import Logging

/// Where a bucket is and how it is spoken to.
public struct S3Configuration: Sendable {
  /// How the bucket is named in an address.
  public enum Addressing: Sendable, Hashable {
    /// Virtual hosts at AWS, where the bucket's name allows it; paths at any other endpoint.
    case automatic
    /// `https://endpoint/bucket/key`
    case path
    /// `https://bucket.endpoint/key`
    case virtualHost
  }

  /// How requests prove who makes them.
  public enum Signing: Sendable, Hashable {
    /// AWS Signature Version 4.
    case v4
    /// The session token of the credentials as a bearer token.
    case bearer
    /// Not at all, for public buckets.
    case none
  }

  /// How entity tags are written in the conditions of puts.
  public enum ETagQuoting: Sendable, Hashable {
    /// As the standard says; a server that refuses the present tag so is asked once without quotes.
    case automatic
    /// With quotes.
    case quoted
    /// Without, as old Ceph gateways want them.
    case bare
  }

  /// What is signed of a body that is sent.
  public enum PayloadSigning: Sendable, Hashable {
    /// Its hash where the connection is not encrypted, nothing where it is.
    case automatic
    /// Its hash, always.
    case always
    /// Nothing.
    case never
  }

  /// A checksum that goes with every put, for the server to check.
  public enum Checksum: Sendable, Hashable {
    /// `Content-MD5`, which every server knows.
    case md5
    /// `x-amz-checksum-sha256`
    case sha256
    /// `x-amz-checksum-crc32c`, by the processor's own instruction where it has one.
    case crc32c
    /// `x-amz-checksum-crc64nvme`, which AWS keeps for all objects.
    case crc64nvme
  }

  /// The bucket's name.
  public var bucket: String
  /// Where the bucket is; another one that the server names is taken over.
  public var region: String
  /// `http://host:port` or `https://host`; nil for AWS.
  public var endpoint: String?
  /// How the bucket is named in an address.
  public var addressing = Addressing.automatic
  /// Where keys come from.
  public var credentials: any S3CredentialProvider
  /// How requests prove who makes them.
  public var signing = Signing.v4
  /// What is signed of a body that is sent.
  public var payloadSigning = PayloadSigning.automatic
  /// How entity tags are written in the conditions of puts.
  public var etagQuoting = ETagQuoting.automatic
  /// A checksum that goes with every put; none unless asked for.
  public var checksum: Checksum?
  /// Whether the store is asked for its checksum of every object that is read whole by
  /// ``S3ObjectStore/get(_:_:)``, and the bytes are compared with it.
  ///
  /// Not all servers know such checksums; a read without one is not compared. Those of parts of an object say nothing
  /// about the whole, and are passed over.
  public var verifiesReads = false
  /// How failed requests are repeated.
  public var retry = RetryPolicy()
  /// Requests at the same time at most; fewer while the store asks for fewer.
  public var concurrency = 64
  /// Parts of one written object that are sent at the same time.
  public var partConcurrency = 4
  /// Bytes of one request at most when ranges are read.
  public var longestRead: UInt64 = 16 << 20
  /// Bytes between two ranges that are read for nothing rather than in two requests.
  public var rangeGap: UInt64 = 1 << 20
  /// Larger objects are copied in parts, of at most so many bytes; the server's limit is 5 GiB.
  public var largestCopy: UInt64 = 5 << 30
  /// A file of certificates (PEM) that are trusted instead of the system's.
  public var certificateAuthorityFile: String?
  /// A proxy's address; nil for what the environment says.
  ///
  /// This machine's own addresses are never asked through one.
  public var proxy: String?
  /// Time to connect in.
  public var connectTimeout: Duration = .seconds(5)
  /// A transfer that brings next to nothing for so long is given up.
  public var stallTimeout: Duration = .seconds(30)
  /// Is told what happens, with fields rather than words; nil for silence.
  ///
  /// `trace` has each request that was sent; `debug` repetitions, and what was learned of region, host, clock and load;
  /// `info` where keys came from and until when; `warning` requests that were given up and keys that could not be
  /// renewed. Secrets are told at no level. Nothing is ever set up for the process.
  public var logger: Logger?

  /// Describes a bucket.
  ///
  /// - Parameters:
  ///   - bucket: the bucket's name.
  ///   - region: where the bucket is.
  ///   - endpoint: `http://host:port` or `https://host`; nil for AWS.
  ///   - credentials: where keys come from.
  public init(
    bucket: String,
    region: String = "us-east-1",
    endpoint: String? = nil,
    credentials: any S3CredentialProvider
  ) {
    self.bucket = bucket
    self.region = region
    self.endpoint = endpoint
    self.credentials = credentials
  }
}
