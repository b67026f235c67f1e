import Avro
import Testing
