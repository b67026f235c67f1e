import Glibc
import MilvusStorage

/// Measures one run of a job.
struct Stopwatch {
  private let start = ContinuousClock.now
  private let startCPU = Stopwatch.usage().cpu

  /// The line of JSON that tells of a run.
  func line(of outcome: JoinJob.Outcome, job: JoinJob) -> String {
    let figures = self.figures()
    let phases = outcome.phases.map { "\"\($0.name)\": \(Stopwatch.seconds($0.duration))" }
    let members =
      [
        #""case": "job""#, #""mode": "\#(job.mode.rawValue)""#, #""codec": "\#(job.codec.defaultValueDescription)""#,
        #""threads": \#(job.threads)"#, #""rows": \#(outcome.rows)"#, #""matched": \#(outcome.matched)"#,
      ] + figures + [#""bytes": \#(outcome.bytes)"#, #""phases": {\#(phases.joined(separator: ", "))}"#]
    return "{\(members.joined(separator: ", "))}"
  }

  /// What was measured since the start, as members of a JSON object.
  func figures() -> [String] {
    let wall = start.duration(to: .now)
    let usage = Stopwatch.usage()
    return [
      #""wall_s": \#(Stopwatch.seconds(wall))"#, #""cpu_s": \#(Stopwatch.seconds(usage.cpu - startCPU))"#,
      #""peak_rss_mb": \#(usage.peakKiB / 1024)"#,
    ]
  }

  private static func usage() -> (cpu: Duration, peakKiB: Int) {
    var usage = rusage()
    getrusage(RUSAGE_SELF.rawValue, &usage)
    let cpu = duration(usage.ru_utime) + duration(usage.ru_stime)
    return (cpu, usage.ru_maxrss)
  }

  private static func duration(_ time: timeval) -> Duration {
    .seconds(time.tv_sec) + .microseconds(time.tv_usec)
  }

  /// Seconds with six digits.
  private static func seconds(_ duration: Duration) -> Double {
    ((duration / .microseconds(1)).rounded()) / 1_000_000
  }
}
