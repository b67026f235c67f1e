internal import ByteBuffers
internal import Parquet

/// Turns a column of the new values into cells of a field, as binlogs hold them, checking every value.
///
/// Only conversions that lose nothing are done: a narrower integer into a wider one, a list of floats into the bytes of
/// a vector, a list into a serialized array. Anything else is refused when the input is opened.
/// Source: reference "Milvus storage formats", type mapping and vector inputs.
struct CellConverter {
  /// What is done with the values.
  enum Conversion: Equatable {
    case copy(width: Int)
    case integer(from: IntegerSource, to: IntegerTarget)
    case floatToDouble
    case text(maxLength: Int?)
    case json
    case bytes
    case floatVector(dim: Int, from: NumberSource)
    case byteVector(width: Int, from: IntegerSource, range: ClosedRange<Int64>)
    case vectorBytes(width: Int, isFloat: Bool)
    case sparseBytes
    case array(ArrayElement)
  }

  /// An integer as it is stored in the input.
  enum IntegerSource: Equatable {
    case signed32
    case unsigned32
    case signed64
  }

  /// An integer cell and the values it may have.
  enum IntegerTarget: Equatable {
    case int32(ClosedRange<Int64>)
    case int64
  }

  /// A number that goes into a float vector.
  enum NumberSource: Equatable {
    case float
    case double
    case integer(IntegerSource)
  }

  /// Elements of an Array field and their limits.
  struct ArrayElement: Equatable {
    var type: DataType
    var source: SchemaNode
    var maxCapacity: Int?
    var maxLength: Int?
  }

  /// Name of the input column.
  let source: String
  /// The field that is filled.
  let target: FieldSchema
  let conversion: Conversion

  /// Bytes of a cell.
  var layout: CellStore.Layout {
    switch conversion {
    case .copy(let width): .fixed(width: width)
    case .integer(_, .int32): .fixed(width: 4)
    case .integer(_, .int64), .floatToDouble: .fixed(width: 8)
    case .floatVector(let dim, _): .fixed(width: 4 * dim)
    case .byteVector(let width, _, _), .vectorBytes(let width, _): .fixed(width: width)
    case .text, .json, .bytes, .sparseBytes, .array: .variable
    }
  }
}

extension CellConverter {
  /// Chooses the conversion of an input column into a field; nil, with a problem noted, when there is none.
  init?(input: SchemaNode, target: FieldSchema, problems: inout ProblemList) {
    guard let conversion = CellConverter.choose(input, target) else {
      let hint = CellConverter.hint(for: target)
      problems.add(
        "Column '\(input.name)' is \(CellConverter.describe(input)); field '\(target.name)' of type "
          + "\(target.dataType) takes \(hint)."
      )
      return nil
    }
    self.init(source: input.name, target: target, conversion: conversion)
  }

  private static func choose(_ input: SchemaNode, _ target: FieldSchema) -> Conversion? {
    switch target.dataType {
    case .bool: return isLeaf(input, .boolean) ? .copy(width: 1) : nil
    case .int8, .int16, .int32, .int64, .timestamptz: return integer(input, target.dataType)
    case .float: return isLeaf(input, .float) ? .copy(width: 4) : nil
    case .double:
      if isLeaf(input, .double) { return .copy(width: 8) }
      return isLeaf(input, .float) ? .floatToDouble : nil
    case .varChar, .string, .text: return isText(input) ? .text(maxLength: target.maxLength) : nil
    case .json: return isText(input) ? .json : nil
    case .geometry: return isLeaf(input, .byteArray) ? .bytes : nil
    case .array: return array(input, target)
    case .sparseFloatVector:
      return isLeaf(input, .byteArray) && input.logicalType == nil ? .sparseBytes : nil
    default: return vector(input, target)
    }
  }

  private static func vector(_ input: SchemaNode, _ target: FieldSchema) -> Conversion? {
    guard let width = target.vectorByteCount, let dim = target.dimension else { return nil }
    let isFloat = target.dataType == .floatVector
    if case .values(.fixedLengthByteArray, let length) = input.content {
      return length == width ? .vectorBytes(width: width, isFloat: isFloat) : nil
    }
    if isLeaf(input, .byteArray), input.logicalType == nil { return .vectorBytes(width: width, isFloat: isFloat) }
    guard let element = listElement(input) else { return nil }
    if isFloat {
      if isLeaf(element, .float) { return .floatVector(dim: dim, from: .float) }
      if isLeaf(element, .double) { return .floatVector(dim: dim, from: .double) }
      return integerSource(element).map { .floatVector(dim: dim, from: .integer($0.source)) }
    }
    guard let integers = integerSource(element) else { return nil }
    let range: ClosedRange<Int64> = target.dataType == .int8Vector ? -128...127 : -128...255
    // Numbers of a half vector would have to be rounded; its encoded bytes are taken as they are.
    let isEncoded = target.dataType == .float16Vector || target.dataType == .bfloat16Vector
    guard !isEncoded || integers.range.count <= 256 else { return nil }
    return .byteVector(width: width, from: integers.source, range: range)
  }

  private static func array(_ input: SchemaNode, _ target: FieldSchema) -> Conversion? {
    guard let element = listElement(input) else { return nil }
    let type = target.elementType
    var single = target
    single.dataType = type
    switch type {
    case .bool, .int8, .int16, .int32, .int64, .float, .double, .varChar, .string:
      // Elements are stored as they come: conversions that change their bits are not made inside arrays.
      switch choose(element, single) {
      case nil, .floatToDouble, .integer(from: .unsigned32, to: .int64): return nil
      default: break
      }
    default: return nil
    }
    return .array(
      ArrayElement(type: type, source: element, maxCapacity: target.maxCapacity, maxLength: target.maxLength)
    )
  }

  private static func integer(_ input: SchemaNode, _ target: DataType) -> Conversion? {
    guard let integers = integerSource(input) ?? timestampSource(input, target) else { return nil }
    let range: ClosedRange<Int64>
    switch target {
    case .int8: range = -128...127
    case .int16: range = -32768...32767
    case .int32: range = Int64(Int32.min)...Int64(Int32.max)
    default: return .integer(from: integers.source, to: .int64)
    }
    guard range.lowerBound <= integers.range.lowerBound, range.upperBound >= integers.range.upperBound else {
      return nil
    }
    return .integer(from: integers.source, to: .int32(range))
  }

  private static func timestampSource(
    _ input: SchemaNode,
    _ target: DataType
  ) -> (source: IntegerSource, range: ClosedRange<Int64>)? {
    guard target == .timestamptz, case .timestamp(_, .microseconds) = input.logicalType, isLeaf(input, .int64) else {
      return nil
    }
    return (.signed64, Int64.min...Int64.max)
  }

  /// How an integer column is stored and what values its type allows.
  static func integerSource(_ node: SchemaNode) -> (source: IntegerSource, range: ClosedRange<Int64>)? {
    let annotation: (width: Int8, isSigned: Bool)
    switch node.logicalType {
    case .integer(let width, let isSigned): annotation = (width, isSigned)
    case nil: annotation = (isLeaf(node, .int64) ? 64 : 32, true)
    default: return nil
    }
    if isLeaf(node, .int32) {
      guard annotation.width <= 32 else { return nil }
      let bits = Int64(annotation.width)
      if annotation.isSigned { return (.signed32, -(1 << (bits - 1))...(1 << (bits - 1)) - 1) }
      return (.unsigned32, 0...(1 << bits) - 1)
    }
    guard isLeaf(node, .int64), annotation.width == 64, annotation.isSigned else { return nil }
    return (.signed64, Int64.min...Int64.max)
  }

  static func isLeaf(_ node: SchemaNode, _ type: PhysicalType) -> Bool {
    if case .values(type, _) = node.content, node.repetition != .repeated { return true }
    return false
  }

  private static func isText(_ node: SchemaNode) -> Bool {
    guard isLeaf(node, .byteArray) else { return false }
    switch node.logicalType {
    case nil, .string, .enumeration, .json: return true
    default: return false
    }
  }

  /// The element of a list of values, whatever form the list has; nil when the field is no such list.
  static func listElement(_ node: SchemaNode) -> SchemaNode? {
    if case .values = node.content, node.repetition == .repeated {
      var element = node
      element.repetition = .required
      return element
    }
    guard node.logicalType == .list, let repeated = node.children.first, node.children.count == 1 else { return nil }
    if case .values = repeated.content {
      var element = repeated
      element.repetition = .required
      return element
    }
    guard repeated.children.count == 1, let element = repeated.children.first, case .values = element.content else {
      return nil
    }
    return element
  }

  static func describe(_ node: SchemaNode) -> String {
    if let element = listElement(node) { return "a LIST of \(describe(element))" }
    guard case .values(let type, let length) = node.content else { return "a nested group" }
    let size = type == .fixedLengthByteArray ? "(\(length))" : ""
    let annotation = node.logicalType.map { " \($0.name)" } ?? ""
    return "\(type.name)\(size)\(annotation)"
  }

  private static func hint(for target: FieldSchema) -> String {
    switch target.dataType {
    case .bool: "BOOLEAN"
    case .int8, .int16, .int32: "an integer type of at most its width, such as INT32 INTEGER(8,true) for Int8"
    case .int64, .timestamptz: "INT64, or a narrower integer"
    case .float: "FLOAT; cast the column, DOUBLE would lose digits"
    case .double: "DOUBLE or FLOAT"
    case .varChar, .string, .text: "BYTE_ARRAY STRING"
    case .json: "BYTE_ARRAY with JSON text"
    case .geometry: "BYTE_ARRAY with WKB"
    case .array: "a LIST of \(target.elementType)"
    case .floatVector:
      "a LIST of \(target.dimension ?? 0) numbers, or FIXED_LEN_BYTE_ARRAY(\(target.vectorByteCount ?? 0))"
    case .sparseFloatVector: "BYTE_ARRAY with (index, value) pairs of 4 bytes each"
    case .binaryVector, .int8Vector, .float16Vector, .bfloat16Vector:
      "a LIST of bytes, or FIXED_LEN_BYTE_ARRAY(\(target.vectorByteCount ?? 0)) with its encoded bytes"
    default: "nothing: fields of this type cannot be filled"
    }
  }
}
