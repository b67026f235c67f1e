import ArgumentParser
import Backfill
import CommandLineSupport

/// `parquet verify`.
struct VerifyCommand: ProgramCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Decode everything and compare it with what the file says.",
    discussion: """
      Compares page checksums, counts, sizes, statistics, page indexes and
      bloom filters with the data, looks for text that is not UTF-8, and for
      chunks that share bytes. Prints what was compared, then "no fault" or the
      first fault with its place; -v prints all findings, also what is only odd.

      Examples:
        parquet verify trips.parquet
        parquet verify trips.parquet -v
        parquet verify trips.parquet --json | jq '.findings[] | .what'

      Exit codes: 0 no fault, 1 faults, 2 not a Parquet file, encrypted, or over
      a limit.
      """
  )

  @Argument(help: "The file.")
  var file: String

  @OptionGroup var limits: LimitOptions
  @OptionGroup(title: "S3") var s3: S3Options
  @OptionGroup var common: CommonOptions

  func perform(_ console: Console) async throws -> ProgramExit {
    let source = try await Locations(s3.settings).object(file)
    let result: ParquetVerification.Result
    let progress = console.progress("verifying", total: Int64(source.size), unit: .bytes)
    defer { progress.finish() }
    do {
      let verification = ParquetVerification(source, options: limits.readerOptions)
      result = try await verification.run { done, _ in progress.update(done) }
    } catch {
      throw ProgramFailure(error, location: file)
    }
    progress.finish()
    if common.json {
      try console.write(json(result) + [UInt8(ascii: "\n")])
    } else {
      try print(result, console)
    }
    return result.faultCount == 0 ? .done : .partial
  }

  private func print(_ result: ParquetVerification.Result, _ console: Console) throws {
    for (name, count) in result.counts.named where count > 0 { try console.print("\(name): \(count)") }
    let shown = common.verbose > 0 ? result.findings : result.firstFault.map { [$0] } ?? []
    for finding in shown { try console.print(oneLine("\(finding.severity.rawValue): \(finding)")) }
    if common.verbose > 0, result.omittedFindings > 0 {
      try console.print("and \(result.omittedFindings) findings more")
    }
    let hidden = common.verbose > 0 ? "" : "; -v prints them"
    let remarks = result.findings.count { $0.severity == .remark }
    if remarks > 0, common.verbose == 0 { try console.print("remarks: \(remarks)\(hidden)") }
    if result.faultCount > 0 {
      try console.print(result.faultCount == 1 ? "1 fault" : "\(result.faultCount) faults\(hidden)")
    } else if result.counts.uncheckedChunks > 0 {
      try console.print("no fault in what could be looked into")
    } else {
      try console.print("no fault")
    }
  }

  /// Names in findings come from the file and may hold control characters.
  private func oneLine(_ text: String) -> String {
    var line = ""
    for scalar in text.unicodeScalars {
      if scalar.properties.generalCategory == .control {
        line += "\\u{\(String(scalar.value, radix: 16))}"
      } else {
        line.unicodeScalars.append(scalar)
      }
    }
    return line
  }

  private func json(_ result: ParquetVerification.Result) -> [UInt8] {
    var writer = JSONWriter(isPretty: true)
    writer.beginObject()
    writer.field("file", file)
    writer.field("faults", result.faultCount)
    writer.key("checked")
    writer.beginObject()
    let counts = result.counts
    writer.field("rowGroups", counts.rowGroups)
    writer.field("chunks", counts.chunks)
    writer.field("pages", counts.pages)
    writer.field("values", counts.values)
    writer.field("nulls", counts.nulls)
    writer.field("texts", counts.texts)
    writer.field("checksums", counts.checksums)
    writer.field("statistics", counts.statistics)
    writer.field("bounds", counts.bounds)
    writer.field("offsetIndexes", counts.offsetIndexes)
    writer.field("columnIndexes", counts.columnIndexes)
    writer.field("sizeStatistics", counts.sizeStatistics)
    writer.field("bloomFilters", counts.bloomFilters)
    writer.field("uncheckedChunks", counts.uncheckedChunks)
    writer.endObject()
    writer.key("findings")
    writer.beginArray()
    for finding in result.findings {
      writer.beginObject()
      writer.field("severity", finding.severity.rawValue)
      writer.field("what", finding.what)
      writer.field("rowGroup", finding.rowGroup)
      writer.field("column", finding.column)
      writer.field("page", finding.page)
      writer.field("offset", finding.offset)
      writer.endObject()
    }
    writer.endArray()
    writer.field("omittedFindings", result.omittedFindings)
    writer.endObject()
    return writer.take()
  }
}
