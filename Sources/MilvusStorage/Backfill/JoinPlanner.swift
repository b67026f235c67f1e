internal import ByteBuffers
internal import Glibc
internal import ObjectStores
internal import Parquet

/// Looks at everything a run needs and checks it; writes nothing.
struct JoinPlanner {
  let configuration: BackfillConfiguration

  func plan() async throws(BackfillError) -> JoinTask {
    try configuration.validate()
    let collection = try await StoredCollection(opening: configuration)
    let (root, schema) = (collection.store, collection.schema)
    let (output, isOutputMissing) = try openOutput(root)
    let inputs = try await InputObject.find(configuration.input, configuration.inputResolver ?? configuration.resolver)
    let (files, columns) = try await openInputs(inputs, schema)
    let targets = columns.values.map(\.field)
    let builder = JoinTaskBuilder(
      configuration: configuration,
      root: root,
      output: output,
      isOutputMissing: isOutputMissing,
      schema: schema,
      keyField: columns.keyField,
      targets: targets,
      files: files,
      inputs: inputs
    )
    return try await builder.build(collection.listing, estimatedMemory: try checkMemory(files, targets))
  }

  /// Opens the place of the output without making it: planning writes nothing.
  private func openOutput(_ root: any ObjectStore) throws(BackfillError) -> (any ObjectStore, isMissing: Bool) {
    guard let location = configuration.outputRoot else { return (root, false) }
    do {
      return (try configuration.resolver.folder(location), false)
    } catch  where error.code == .notFound {
      return (MemoryStore(), true)
    } catch {
      throw BackfillError.wrapping(error, as: .write, path: location)
    }
  }

  /// The task with its output's folder made, if it was missing.
  func makingOutput(_ task: JoinTask) throws(BackfillError) -> JoinTask {
    guard task.isOutputMissing, let location = configuration.outputRoot else { return task }
    var task = task
    do {
      task.output = try configuration.resolver.folder(location, create: true)
    } catch {
      throw BackfillError.wrapping(error, as: .write, path: location)
    }
    task.isOutputMissing = false
    return task
  }

  private func openInputs(
    _ inputs: [InputObject],
    _ schema: CollectionSchema
  ) async throws(BackfillError) -> ([NewValuesFile], ColumnResolution) {
    // The first file says how columns are called, the others have to be like it.
    guard let first = inputs.first else { throw BackfillError(.dataRead, "There are no files of new values.") }
    let reader = try await openReader(first)
    let names = reader.metadata.schema.fields.map(\.name)
    let columns = try ColumnResolution(configuration, schema, inputColumns: names, inputName: first.location)
    let description = NewValuesFile.Columns(
      key: columns.keyColumn,
      keyField: columns.keyField,
      values: columns.values
    )
    let files = [try NewValuesFile(reader, name: first.location, columns: description)]
    let others = try await concurrentMap(Array(inputs.dropFirst()), limit: SideBySide.requests) {
      (_, input) throws(BackfillError) in
      try NewValuesFile(try await openReader(input), name: input.location, columns: description)
    }
    return (files + others, columns)
  }

  private func openReader(_ input: InputObject) async throws(BackfillError) -> any ParquetFileReader {
    do {
      return try await configuration.codec.openReader(input.source)
    } catch {
      throw BackfillError.wrapping(error, as: .dataRead, path: input.location)
    }
  }

  /// Estimates what the new values take in memory and compares it with the budget.
  private func checkMemory(_ files: [NewValuesFile], _ targets: [FieldSchema]) throws(BackfillError) -> Int64 {
    let estimate = files.reduce(Int64(0)) { saturatingAdd($0, $1.estimatedMemory) }
    let budget = JoinPlanner.memoryBudget(configuration)
    guard estimate <= budget else {
      throw BackfillError(
        .engineConfiguration,
        "The new values need about \(estimate >> 20) MiB of memory; the budget is \(budget >> 20) MiB. "
          + "Raise memoryBudget (--memory-budget), or join fewer new values at a time."
      )
    }
    return estimate
  }

  /// The configured budget, or half of the machine's memory.
  static func memoryBudget(_ configuration: BackfillConfiguration) -> Int64 {
    configuration.memoryBudget ?? Int64(sysconf(Int32(_SC_PHYS_PAGES))) * Int64(sysconf(Int32(_SC_PAGESIZE))) / 2
  }
}
