extension SegmentColumnReader: FieldRows {}
