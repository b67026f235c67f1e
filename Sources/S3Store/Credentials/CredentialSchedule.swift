internal import ObjectStores

/// Decides when credentials are used, fetched anew, waited for or given up; time comes in as a value.
struct CredentialSchedule {
  enum Answer {
    /// These, while new ones are fetched if `refresh` says so.
    case use(S3Credentials, refresh: Bool)
    /// There are none that could be used; `begin` says that this caller has to begin to fetch them.
    case wait(begin: Bool)
    case fail(ObjectStoreError)
  }

  /// Seconds before the end at which new ones are fetched, and those that are added at random.
  private static let ahead: Int64 = 300
  private static let spread = 300.0
  /// Seconds that credentials are used at least, and between two fetches that give the same.
  private static let shortest: Int64 = 60
  /// Seconds after a failed fetch: before the next one while the old ones are good, and when there are none.
  private static let patience: Int64 = 30
  private static let pause: Int64 = 1
  /// Seconds for which complaints are not heard about credentials that came back unchanged.
  private static let deafness: Int64 = 10

  private(set) var held: S3IssuedCredentials?
  private var expires: Int64?
  private var refreshAt: Int64?
  private var isRejected = false
  /// New ones are fetched; when there are none, these are used all the same.
  private var isSuspected = false
  private(set) var isRefreshing = false
  private var failure: (error: ObjectStoreError, at: Int64)?
  private var unchangedAt: Int64?
  private var suspectedAt: Int64?

  /// What a caller gets.
  mutating func ask(at now: Int64) -> Answer {
    if let held, isUsable(at: now) {
      let isDue = refreshAt.map { now >= $0 } ?? false
      let begins = isDue && !isRefreshing && !Self.isWithin(Self.patience, of: failure?.at, now)
      if begins { isRefreshing = true }
      return .use(held.credentials, refresh: begins)
    }
    if isRefreshing { return .wait(begin: false) }
    if let failure, Self.isWithin(Self.pause, of: failure.at, now) { return .fail(failure.error) }
    isRefreshing = true
    return .wait(begin: true)
  }

  /// Whether there are credentials that are good as far as is known.
  func isUsable(at now: Int64) -> Bool {
    held != nil && !isRejected && !isSuspected && (expires.map { now < $0 } ?? true)
  }

  /// Takes new credentials.
  ///
  /// - Parameters:
  ///   - issued: what the place gave.
  ///   - now: Unix time.
  ///   - jitter: 0 to 1, at random, so that not all processes ask at once.
  mutating func succeed(_ issued: S3IssuedCredentials, at now: Int64, jitter: Double) {
    if isRejected { unchangedAt = held?.credentials == issued.credentials ? now : nil }
    held = issued
    isRejected = false
    isSuspected = false
    isRefreshing = false
    failure = nil
    expires = nil
    refreshAt = nil
    guard let end = issued.expires else { return }
    // Some come late, or look so by a wrong clock; the server has the last word.
    let last = max(end, now + Self.shortest)
    let ahead = min(Self.ahead + Int64(Self.spread * min(max(jitter, 0), 1)), (last - now) / 2)
    expires = last
    refreshAt = max(last - ahead, now + Self.shortest / 2)
  }

  /// Takes note that none came.
  mutating func fail(_ error: ObjectStoreError, at now: Int64) {
    isRefreshing = false
    isSuspected = false
    failure = (error, now)
  }

  /// Takes note that the server does not want credentials any more; nothing if they are not the present ones.
  mutating func reject(_ credentials: S3Credentials, at now: Int64) {
    guard let held, held.credentials == credentials, !Self.isWithin(Self.deafness, of: unchangedAt, now) else { return }
    isRejected = true
    failure = nil
  }

  /// Takes note of a refusal that may, or may not, be because of credentials that have expired.
  ///
  /// - Returns: whether others may help.
  mutating func suspect(_ credentials: S3Credentials, at now: Int64) -> Bool {
    guard let held, held.credentials == credentials, !isRejected, !isSuspected else { return true }
    guard held.credentials.sessionToken != nil || held.expires != nil else { return false }
    guard !Self.isWithin(Self.shortest, of: suspectedAt, now) else { return false }
    suspectedAt = now
    isSuspected = true
    failure = nil
    return true
  }

  /// Whether less than so many seconds went by; a clock that was set back counts as more.
  private static func isWithin(_ seconds: Int64, of moment: Int64?, _ now: Int64) -> Bool {
    guard let moment else { return false }
    return now >= moment && now - moment < seconds
  }
}
