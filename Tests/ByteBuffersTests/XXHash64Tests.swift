import ByteBuffers
import Testing

/// Published values of XXH64.
struct XXHash64Tests {
  private func hash(_ text: String, seed: UInt64 = 0) -> UInt64 {
    let bytes = Bytes(utf8: text)
    return XXHash64.hash(bytes.base, count: bytes.count, seed: seed)
  }

  @Test func `known texts have their known hashes`() {
    #expect(hash("") == 0xef46_db37_51d8_e999)
    #expect(hash("a") == 0xd24e_c4f1_a98c_6e5b)
    #expect(hash("abc") == 0x44bc_2cf5_ad77_0999)
  }

  @Test func `inputs of 32 bytes and more take the four lanes`() {
    #expect(hash("Nobody inspects the spammish repetition") == 0xfbce_a83c_8a37_8bf1)
    #expect(hash("xxhash", seed: 20_141_025) == 0xb559_b98d_844e_0635)
  }

  @Test func `every length has a hash of its own and bytes behind the end do not matter`() {
    let block = Bytes((0..<200).map { UInt8($0) })
    var seen: Set<UInt64> = []
    for length in 0...100 {
      let slice = XXHash64.hash(block.base, count: length)
      let alone = Bytes(Array(block.array[..<length]))
      #expect(slice == XXHash64.hash(alone.base, count: length))
      seen.insert(slice)
    }
    #expect(seen.count == 101)
  }
}
