// What a host needs for a segment join, under one import.
@_exported public import ByteBuffers
@_exported public import MilvusStorage
@_exported public import ObjectStores
@_exported public import Parquet
