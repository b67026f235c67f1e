import ByteBuffers
import ObjectStores
import Testing

@testable import S3Store

@Suite("Checksums")
struct ChecksumTests {
  private func sum(_ kind: ChecksumKind, _ bytes: [UInt8], cut: Int = 0, usesInstruction: Bool = true) -> String {
    var running = RunningChecksum(kind, usesInstruction: usesInstruction)
    running.update(Bytes(Array(bytes.prefix(cut))))
    running.update(Bytes(Array(bytes.dropFirst(cut))))
    return running.bytes.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
  }

  private static let digits = Array("123456789".utf8)

  /// RFC 3720, B.4, its last column read as a number.
  private static let vectors: [([UInt8], String)] = [
    ([UInt8](repeating: 0, count: 32), "8a9136aa"),
    ([UInt8](repeating: 0xff, count: 32), "62a8ab43"),
    (Array(0..<32), "46dd794e"),
    (Array((0..<32).reversed()), "113fdb5c"),
    (
      [
        0x01, 0xc0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x14, 0, 0, 0, 0, 0, 0x04, 0, 0, 0, 0, 0x14, 0, 0, 0,
        0x18, 0x28, 0, 0, 0, 0, 0, 0, 0, 0x02, 0, 0, 0, 0, 0, 0, 0,
      ], "d9963a56"
    ),
    (digits, "e3069283"), ([], "00000000"),
  ]

  @Test(
    "CRC-32C is that of RFC 3720, by the instruction and by tables, however the bytes are cut",
    arguments: [true, false]
  )
  func crc32c(_ usesInstruction: Bool) {
    for (bytes, expected) in Self.vectors {
      for cut in 0...bytes.count {
        #expect(sum(.crc32c, bytes, cut: cut, usesInstruction: usesInstruction) == expected)
      }
    }
  }

  @Test("The instruction is used where the processor has it")
  func instruction() {
    #if arch(x86_64)
      #expect(RunningChecksum.hasInstruction)
    #else
      #expect(!RunningChecksum.hasInstruction)
    #endif
  }

  @Test("Instruction and tables agree on random bytes of all lengths")
  func random() {
    var generator = SeededGenerator(TestSeed.value)
    for count in 0..<200 {
      let bytes = (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
      let cut = Int.random(in: 0...count, using: &generator)
      #expect(sum(.crc32c, bytes, cut: cut) == sum(.crc32c, bytes, cut: 0, usesInstruction: false))
    }
  }

  @Test("CRC-64/NVME is that of its specification")
  func crc64() {
    #expect(sum(.crc64nvme, Self.digits, cut: 3) == "ae8b14860a799888")
    #expect(sum(.crc64nvme, [UInt8](repeating: 0, count: 4096)) == "6482d367eb22b64e")
    #expect(sum(.crc64nvme, [UInt8](repeating: 0xff, count: 4096), cut: 1001) == "c0ddba7302eca3ac")
    #expect(sum(.crc64nvme, []) == "0000000000000000")
  }

  @Test("The others are those of Python's zlib and hashlib, and stand in headers in Base64")
  func others() {
    #expect(sum(.crc32, Self.digits, cut: 2) == "cbf43926")
    #expect(sum(.crc32, Array(0..<32)) == "91267e8a")
    #expect(sum(.sha1, Array("abc".utf8), cut: 1) == "a9993e364706816aba3e25717850c26c9cd0d89d")
    var running = RunningChecksum(.crc32c)
    running.update(Bytes(Self.digits))
    #expect(running.text == "4waSgw==")
    running = RunningChecksum(.crc64nvme)
    running.update(Bytes(Self.digits))
    #expect(running.text == "rosUhgp5mIg=")
    running = RunningChecksum(.sha256)
    running.update(Bytes(utf8: "abc"))
    #expect(running.text == "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=")
  }

  @Test("Answers whose checksum is of parts, or of none, are not compared")
  func composite() throws {
    func checksum(_ status: Int, _ headers: [(String, String)]) -> ReadChecksum? {
      let headers = headers.map { HTTPRequest.Header(name: $0.0, value: $0.1) }
      return ReadChecksum(HTTPResponse(status: status, headers: headers, body: .empty), "key")
    }
    #expect(checksum(200, []) == nil)
    #expect(checksum(200, [("x-amz-checksum-crc32c", "4waSgw==-3")]) == nil)
    #expect(checksum(200, [("x-amz-checksum-crc32c", "4waSgw=="), ("x-amz-checksum-type", "COMPOSITE")]) == nil)
    #expect(checksum(206, [("x-amz-checksum-crc32c", "4waSgw==")]) == nil)
    let full = try #require(
      checksum(200, [("x-amz-checksum-crc32c", "4waSgw=="), ("x-amz-checksum-type", "FULL_OBJECT")])
    )
    full.update(Bytes(Self.digits))
    try full.check()
    full.update(Bytes(Self.digits))
    #expect(throws: (any Error).self) { try full.check() }
  }
}
