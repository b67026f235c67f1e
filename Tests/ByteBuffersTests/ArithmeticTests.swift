import ByteBuffers
import Testing

/// Sums and products of numbers from outside.
struct ArithmeticTests {
  @Test func `what fits is returned`() throws {
    #expect(try checkedAdd(.max - 1, 1) == .max)
    #expect(try checkedAdd(.min, .max) == -1)
    #expect(try checkedMultiply(1 << 31, 1 << 31) == 1 << 62)
    #expect(try checkedMultiply(.min, 1) == .min)
  }

  @Test func `what does not fit is an error`() {
    #expect(throws: ArithmeticOverflow.self) { try checkedAdd(.max, 1) }
    #expect(throws: ArithmeticOverflow.self) { try checkedAdd(.min, -1) }
    #expect(throws: ArithmeticOverflow.self) { try checkedMultiply(1 << 32, 1 << 31) }
    #expect(throws: ArithmeticOverflow.self) { try checkedMultiply(.min, -1) }
  }
}
