import ObjectStores
import Testing

@Suite("Joining ranges")
struct RangeCoalescingTests {
  @Test("joins ranges up to the gap and not one byte further")
  func gap() {
    #expect(coalesce([0..<10, 15..<20], gap: 5) == [CoalescedRead(range: 0..<20, members: [0, 1])])
    #expect(
      coalesce([0..<10, 16..<20], gap: 5)
        == [CoalescedRead(range: 0..<10, members: [0]), CoalescedRead(range: 16..<20, members: [1])]
    )
    #expect(coalesce([0..<10, 10..<20], gap: 0) == [CoalescedRead(range: 0..<20, members: [0, 1])])
  }

  @Test("sorts, and says where each range went")
  func order() {
    // In order of their starts, then their ends, then of asking: 0..<10, 8..<12; 100..<110 twice, 103..<105.
    let reads = coalesce([100..<110, 0..<10, 103..<105, 8..<12, 100..<110], gap: 3)
    #expect(
      reads
        == [CoalescedRead(range: 0..<12, members: [1, 3]), CoalescedRead(range: 100..<110, members: [0, 4, 2])]
    )
  }

  @Test("stops at the longest read and not one byte sooner")
  func longest() {
    #expect(coalesce([0..<10, 10..<20], gap: 0, longest: 20).count == 1)
    #expect(coalesce([0..<10, 10..<20], gap: 0, longest: 19).map(\.range) == [0..<10, 10..<20])
    #expect(coalesce([0..<6, 6..<12, 12..<18], gap: 0, longest: 12).map(\.range) == [0..<12, 12..<18])
  }

  @Test("never cuts a range, however long")
  func longRange() {
    #expect(coalesce([0..<100, 5..<10], gap: 0, longest: 20) == [CoalescedRead(range: 0..<100, members: [0, 1])])
    #expect(coalesce([0..<100, 90..<110], gap: 0, longest: 20).map(\.range) == [0..<100, 90..<110])
  }

  @Test("leaves out empty ranges and takes none")
  func empty() {
    #expect(coalesce([]).isEmpty)
    #expect(coalesce([5..<5]).isEmpty)
    #expect(coalesce([5..<5, 1..<2, 1..<1]) == [CoalescedRead(range: 1..<2, members: [1])])
  }

  @Test("does not overflow at the end of the number line")
  func extremes() {
    let end = UInt64.max
    #expect(coalesce([end - 1..<end, 0..<1], gap: .max, longest: .max).map(\.range) == [0..<end])
    #expect(coalesce([end - 1..<end, 0..<1]).map(\.range) == [0..<1, end - 1..<end])
  }

  @Test("joins a mebibyte of gap and sixteen of data by default")
  func defaults() {
    let mebibyte: UInt64 = 1 << 20
    #expect(coalesce([0..<1, mebibyte + 1..<mebibyte + 2]).count == 1)
    #expect(coalesce([0..<1, mebibyte + 2..<mebibyte + 3]).count == 2)
    #expect(coalesce([0..<15 * mebibyte, 15 * mebibyte..<16 * mebibyte]).count == 1)
    #expect(coalesce([0..<15 * mebibyte, 15 * mebibyte..<16 * mebibyte + 1]).count == 2)
  }
}
