import ByteBuffers
import Parquet
import Testing

@testable import MilvusStorage

/// Which input columns fill which fields, and what becomes of the values.
@Suite("Conversion of new values")
struct CellConverterTests {
  private func field(
    _ type: DataType,
    element: DataType = .none,
    dimension: Int? = nil,
    maxLength: Int? = nil,
    maxCapacity: Int? = nil
  ) -> FieldSchema {
    FieldSchema(
      id: 105,
      name: "f",
      dataType: type,
      elementType: element,
      isNullable: true,
      dimension: dimension,
      maxLength: maxLength,
      maxCapacity: maxCapacity
    )
  }

  private func accepts(_ node: SchemaNode, _ field: FieldSchema) -> Bool {
    var problems = ProblemList()
    let converter = CellConverter(input: node, target: field, problems: &problems)
    #expect((converter == nil) == !problems.isEmpty)
    return converter != nil
  }

  private func integer(_ width: Int8, _ isSigned: Bool) -> SchemaNode {
    SchemaNode(
      "c",
      width == 64 ? .int64 : .int32,
      logicalType: .integer(bitWidth: width, isSigned: isSigned)
    )
  }

  @Test("Integers go into fields that hold all their values, and into no others")
  func integers() {
    let widths: [(node: SchemaNode, fits: Set<DataType>)] = [
      (integer(8, true), [.int8, .int16, .int32, .int64]),
      (integer(8, false), [.int16, .int32, .int64]),
      (integer(16, true), [.int16, .int32, .int64]),
      (integer(16, false), [.int32, .int64]),
      (integer(32, true), [.int32, .int64]),
      (SchemaNode("c", .int32), [.int32, .int64]),
      (integer(32, false), [.int64]),
      (integer(64, true), [.int64]),
      (SchemaNode("c", .int64), [.int64]),
      (integer(64, false), []),
      (SchemaNode("c", .int32, logicalType: .date), []),
      (SchemaNode("c", .double), []),
    ]
    for (node, fits) in widths {
      for type in [DataType.int8, .int16, .int32, .int64] {
        #expect(accepts(node, field(type)) == fits.contains(type), "\(CellConverter.describe(node)) into \(type)")
      }
    }
  }

  @Test("Floats widen and never narrow")
  func floats() {
    #expect(accepts(SchemaNode("c", .float), field(.float)))
    #expect(accepts(SchemaNode("c", .float), field(.double)))
    #expect(accepts(SchemaNode("c", .double), field(.double)))
    #expect(!accepts(SchemaNode("c", .double), field(.float)))
    #expect(!accepts(SchemaNode("c", .int32), field(.double)))
  }

  @Test("A vector comes as a list, or as bytes of exactly its length")
  func vectors() {
    let vector = field(.floatVector, dimension: 4)
    #expect(accepts(.list("c", of: SchemaNode("e", .float)), vector))
    #expect(accepts(.list("c", of: SchemaNode("e", .double)), vector))
    #expect(accepts(SchemaNode("c", .fixedLengthByteArray, length: 16), vector))
    #expect(!accepts(SchemaNode("c", .fixedLengthByteArray, length: 12), vector))
    #expect(accepts(SchemaNode("c", .byteArray), vector))
    #expect(!accepts(SchemaNode("c", .byteArray, logicalType: .string), vector))
    #expect(!accepts(SchemaNode("c", .float), vector))
    #expect(accepts(SchemaNode("c", .fixedLengthByteArray, length: 2), field(.binaryVector, dimension: 16)))
  }

  private func convert(_ column: Column, _ node: SchemaNode, _ field: FieldSchema) throws -> (CellStore, ProblemList) {
    var problems = ProblemList()
    let converter = try #require(CellConverter(input: node, target: field, problems: &problems))
    let store = CellStore(converter.layout, capacity: column.count)
    converter.convert(column, firstRow: 1000, into: store, problems: &problems)
    return (store, problems)
  }

  @Test("A text longer than max_length is refused with its row; bytes count, not characters")
  func longText() throws {
    let node = SchemaNode("c", .byteArray, repetition: .optional, logicalType: .string)
    let column = JoinTestData.texts(["abcd", "éé", "ééé", nil])
    let (_, problems) = try convert(column, node, field(.varChar, maxLength: 4))
    #expect(problems.count == 1)
    #expect(problems.text.contains("row 1002"))
    #expect(problems.text.contains("6 bytes"))
    #expect(problems.text.contains("max_length of field 'f' is 4"))
  }

  @Test("A text that is not JSON does not go into a JSON field")
  func notJSON() throws {
    let node = SchemaNode("c", .byteArray, logicalType: .string)
    let (_, problems) = try convert(JoinTestData.texts(["{}", "{"]), node, field(.json))
    #expect(problems.lines == ["Column 'c', row 1001: the text is not JSON."])
  }

  private func list(_ lists: [[Int64?]?]) -> Column {
    var offsets: [Int32] = [0]
    for list in lists { offsets.append((offsets.last ?? 0) + Int32(list?.count ?? 0)) }
    let present = JoinTestData.integers(lists.map { $0 == nil ? nil : 0 })
    return Column(
      count: lists.count,
      validity: present.validity,
      storage: .list(
        offsets: offsets.withUnsafeBytes { Bytes(copying: $0) },
        elements: JoinTestData.integers(lists.flatMap { $0 ?? [] })
      )
    )
  }

  @Test("An array becomes a ScalarField message")
  func arrays() throws {
    let node = SchemaNode.list("c", of: SchemaNode("e", .int64, repetition: .optional), repetition: .optional)
    let column = list([[1, 300, -1], [], nil])
    let (store, problems) = try convert(column, node, field(.array, element: .int64, maxCapacity: 3))
    #expect(problems.isEmpty)
    // long_data is member 3; its one packed run holds 1, 300 (AC 02) and -1 (ten bytes).
    let minusOne = [UInt8](repeating: 0xff, count: 9) + [0x01]
    #expect(cell(store, 0) == [0x1a, 15, 0x0a, 13, 0x01, 0xac, 0x02] + minusOne)
    #expect(cell(store, 1) == [0x1a, 0])
    #expect(!store.isValid(2))
  }

  @Test("An array over its capacity, or with a null in it, is refused")
  func wrongArrays() throws {
    let node = SchemaNode.list("c", of: SchemaNode("e", .int64, repetition: .optional), repetition: .optional)
    let array = field(.array, element: .int64, maxCapacity: 2)
    let (_, problems) = try convert(list([[1, 2], [1, 2, 3], [nil]]), node, array)
    #expect(problems.count == 2)
    #expect(problems.text.contains("row 1001 (field 'f'): the array has 3 elements; max_capacity is 2."))
    #expect(problems.text.contains("row 1002 (field 'f'): Element 0 of an array is null."))
  }

  @Test("A vector of another dimension is refused with what it has and what it needs")
  func dimension() throws {
    let node = SchemaNode.list("c", of: SchemaNode("e", .int64), repetition: .optional)
    let (store, problems) = try convert(list([[1, 2], [1, 2, 3], nil]), node, field(.floatVector, dimension: 2))
    #expect(problems.count == 1)
    #expect(problems.text.contains("row 1001: the vector has 3 numbers; field 'f' of dimension 2 needs 2"))
    let first = UnsafeRawBufferPointer(start: store.fixedCells, count: 8)
    #expect(Array(first) == [0, 0, 0x80, 0x3f, 0, 0, 0, 0x40])
  }

  private func cell(_ store: CellStore, _ row: Int) -> [UInt8] {
    Array(UnsafeRawBufferPointer(start: store.addresses[row], count: Int(store.cellLengths[row])))
  }
}
