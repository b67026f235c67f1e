extension BackfillConfiguration {
  /// Everything that is wrong with the configuration in itself, one sentence each; empty when it can be tried.
  public func problems() -> [String] {
    var problems: [String] = []
    problems += collectionProblems()
    if input.isEmpty { problems.append("No new values: name at least one Parquet file or folder (input, --parquet).") }
    if !(1...1 << 20).contains(batchSize) {
      problems.append("batchSize is \(batchSize); it must be 1 to \(1 << 20) rows.")
    }
    if let parallelism, !(1...1024).contains(parallelism) {
      problems.append("parallelism is \(parallelism); it must be 1 to 1024.")
    }
    if let memoryBudget, memoryBudget < 16 << 20 {
      problems.append("memoryBudget is \(memoryBudget) bytes; it must be at least 16 MiB.")
    }
    if case .zstd(let level) = compression, !(1...22).contains(level) {
      problems.append("The zstd level is \(level); it must be 1 to 22.")
    }
    problems += outputProblems()
    problems += mappingProblems()
    return problems
  }

  private func rootProblems() -> [String] {
    let hasS3 = s3Endpoint != nil || s3BucketName != nil
    switch (root, hasS3) {
    case (nil, false):
      return ["No Milvus root: give its location (root, --root), or s3Endpoint and s3BucketName."]
    case (.some, true):
      return ["Both root and s3Endpoint/s3BucketName are given; leave one of them out."]
    case (nil, true):
      return s3BucketName == nil ? ["s3Endpoint is given without s3BucketName."] : []
    case (.some(let root), false):
      return root.isEmpty ? ["root is empty."] : []
    }
  }

  /// What is wrong with root, collection and schema.
  func collectionProblems() -> [String] {
    rootProblems() + schemaProblems()
  }

  private func schemaProblems() -> [String] {
    if collectionID != nil, schema != nil { return [] }
    if collectionID != nil { return ["collectionID is given without a schema (schema, --schema)."] }
    if schema != nil {
      return ["A schema is given without the collection's id (collectionID, --collection-id)."]
    }
    return ["No collection: give its id and its schema (collectionID and schema, --collection-id and --schema)."]
  }

  private func outputProblems() -> [String] {
    var problems: [String] = []
    if completeTree, outputRoot == nil { problems.append("completeTree needs an outputRoot.") }
    if customOutputPath != nil, layout != .connector {
      problems.append("customOutputPath belongs to layout 'connector'.")
    }
    if layout == .connector, completeTree { problems.append("completeTree belongs to layout 'milvus'.") }
    if let outputRoot, outputRoot == root {
      problems.append("outputRoot is the root itself; leave it out, or name another.")
    }
    return problems
  }

  private func mappingProblems() -> [String] {
    guard !columnMapping.isEmpty else { return [] }
    var problems: [String] = []
    for (what, names) in [("source", columnMapping.map(\.source)), ("target", columnMapping.map(\.target))] {
      var seen: Set<String> = []
      for name in names where !seen.insert(name).inserted {
        problems.append("The column mapping names \(what) '\(name)' twice.")
      }
    }
    if columnMapping.contains(where: { $0.source.isEmpty || $0.target.isEmpty }) {
      problems.append("The column mapping has an empty name; write source:target,source:target.")
    }
    return problems
  }

  /// Throws all problems as one error.
  func validate() throws(BackfillError) {
    let problems = problems()
    guard problems.isEmpty else {
      throw BackfillError(.engineConfiguration, problems.joined(separator: "\n"))
    }
  }
}
