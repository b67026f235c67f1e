import ByteBuffers
import CFuzz
import Dispatch
import Foundation
import FuzzTargets

// usage: fuzz thrift|levels|page|file [libFuzzer's arguments]

/// Chosen once, before the first input.
nonisolated(unsafe) var target = FuzzTarget.file

guard CommandLine.arguments.count > 1, let chosen = FuzzTarget(rawValue: CommandLine.arguments[1]) else {
  print("usage: fuzz \(FuzzTarget.allCases.map(\.rawValue).joined(separator: "|")) [libFuzzer's arguments]")
  exit(2)
}
target = chosen

var count = CommandLine.argc - 1
var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv + 1
exit(
  LLVMFuzzerRunDriver(&count, &arguments) { data, size in
    let bytes = Bytes(copying: UnsafeRawBufferPointer(start: data, count: size))
    let target = target
    let done = DispatchSemaphore(value: 0)
    Task.detached {
      await target.run(bytes)
      done.signal()
    }
    done.wait()
    return 0
  }
)
