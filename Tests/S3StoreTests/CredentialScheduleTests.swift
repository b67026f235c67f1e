import ObjectStores
import Testing

@testable import S3Store

@Suite("When credentials are fetched")
struct CredentialScheduleTests {
  private let first = S3Credentials.sample("FIRST")
  private let second = S3Credentials.sample("SECOND")
  private let error = ObjectStoreError(.transport, "down.")

  /// A schedule that got credentials at 0.
  private func schedule(expires: Int64?, jitter: Double = 0) -> CredentialSchedule {
    var schedule = CredentialSchedule()
    _ = schedule.ask(at: 0)
    schedule.succeed(S3IssuedCredentials(credentials: first, expires: expires), at: 0, jitter: jitter)
    return schedule
  }

  /// An answer in one word.
  private func ask(_ schedule: inout CredentialSchedule, _ now: Int64) -> String {
    switch schedule.ask(at: now) {
    case .use(let credentials, let refresh): "\(credentials.accessKeyID)\(refresh ? " and refresh" : "")"
    case .wait(let begin): begin ? "begin" : "wait"
    case .fail(let error): "fail \(error.code.rawValue)"
    }
  }

  @Test("is at the first question, once")
  func first_() {
    var schedule = CredentialSchedule()
    #expect(ask(&schedule, 0) == "begin")
    #expect(ask(&schedule, 0) == "wait" && ask(&schedule, 100) == "wait")
    schedule.succeed(S3IssuedCredentials(credentials: first), at: 100, jitter: 0.5)
    #expect(ask(&schedule, 100) == "FIRST" && ask(&schedule, .max) == "FIRST")
  }

  @Test("is five to ten minutes before they expire, by chance, while the old ones are used", arguments: [0, 0.5, 1])
  func ahead(_ jitter: Double) {
    var schedule = schedule(expires: 3600, jitter: jitter)
    let due = 3300 - Int64(300 * jitter)
    #expect(ask(&schedule, due - 1) == "FIRST")
    #expect(ask(&schedule, due) == "FIRST and refresh")
    #expect(ask(&schedule, due) == "FIRST" && ask(&schedule, 3599) == "FIRST")
    #expect(ask(&schedule, 3600) == "wait")
    schedule.succeed(S3IssuedCredentials(credentials: second, expires: 7200), at: 3600, jitter: jitter)
    #expect(ask(&schedule, 3600) == "SECOND")
  }

  @Test("is at half of the time of those that live for minutes only")
  func short() {
    var schedule = schedule(expires: 200, jitter: 1)
    #expect(ask(&schedule, 99) == "FIRST" && ask(&schedule, 100) == "FIRST and refresh")
  }

  @Test("is not at every question when they come late or expired: those are used for a minute")
  func expired() {
    for end: Int64 in [-1_000_000, 0, 30] {
      var schedule = schedule(expires: end)
      #expect(ask(&schedule, 0) == "FIRST" && ask(&schedule, 29) == "FIRST")
      #expect(ask(&schedule, 30) == "FIRST and refresh")
      #expect(ask(&schedule, 60) == "wait")
    }
  }

  @Test("is again after half a minute when it fails, and the old ones are used to their end")
  func failing() {
    var schedule = schedule(expires: 3600)
    #expect(ask(&schedule, 3300) == "FIRST and refresh")
    schedule.fail(error, at: 3310)
    #expect(ask(&schedule, 3310) == "FIRST" && ask(&schedule, 3339) == "FIRST")
    #expect(ask(&schedule, 3340) == "FIRST and refresh")
    schedule.fail(error, at: 3590)
    #expect(ask(&schedule, 3599) == "FIRST")
    #expect(ask(&schedule, 3600) == "begin")
    schedule.fail(error, at: 3600)
    #expect(ask(&schedule, 3600) == "fail transport")
    #expect(ask(&schedule, 3601) == "begin")
  }

  @Test("does not wait for a clock that was set back")
  func clock() {
    var schedule = CredentialSchedule()
    #expect(ask(&schedule, 1_000_000) == "begin")
    schedule.fail(error, at: 1_000_000)
    #expect(ask(&schedule, 0) == "begin")
  }

  @Test("is at once after the server refused them, unless there are newer ones")
  func rejected() {
    var schedule = schedule(expires: nil)
    schedule.reject(second, at: 10)
    #expect(ask(&schedule, 10) == "FIRST")
    schedule.reject(first, at: 10)
    schedule.reject(first, at: 10)
    #expect(ask(&schedule, 10) == "begin" && ask(&schedule, 10) == "wait")
    schedule.reject(first, at: 10)
    schedule.succeed(S3IssuedCredentials(credentials: second), at: 11, jitter: 0)
    schedule.reject(first, at: 11)
    #expect(ask(&schedule, 11) == "SECOND")
  }

  @Test("is not again and again when the same come back that the server refused")
  func unchanged() {
    var schedule = schedule(expires: nil)
    schedule.reject(first, at: 10)
    #expect(ask(&schedule, 10) == "begin")
    schedule.succeed(S3IssuedCredentials(credentials: first), at: 10, jitter: 0)
    schedule.reject(first, at: 10)
    #expect(ask(&schedule, 19) == "FIRST")
    schedule.reject(first, at: 20)
    #expect(ask(&schedule, 20) == "begin")
  }

  @Test("fails when those that the server refused cannot be replaced")
  func rejectedAndFailing() {
    var schedule = schedule(expires: 3600)
    schedule.reject(first, at: 10)
    #expect(ask(&schedule, 10) == "begin")
    schedule.fail(error, at: 10)
    #expect(ask(&schedule, 10) == "fail transport" && ask(&schedule, 11) == "begin")
  }
}
