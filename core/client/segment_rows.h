// A segment's changes as rows: parsed and checked as a whole before anything of a poke is applied.
#ifndef TIDEMARK_CORE_CLIENT_SEGMENT_ROWS_H_
#define TIDEMARK_CORE_CLIENT_SEGMENT_ROWS_H_

#include <cstdint>
#include <vector>

#include "core/base/function_ref.h"
#include "core/base/result.h"
#include "core/client/table_key.h"
#include "core/model/row.h"
#include "core/model/schema.h"
#include "core/protocol/messages.h"

namespace tidemark::client {

/// No row: the key left the pipeline's result.
struct SegmentRow {
  TableKey address;
  model::Row row;
  Hash128 hash;  // of the row
};

struct SegmentRows {
  PipelineID pipeline;
  std::uint64_t position = 0;
  bool reset = false;
  Hash128 fingerprint;
  std::vector<SegmentRow> rows;
};

/// `base` gives the base row of an address before the poke: what patches are against. kCorrupt when
/// a patch does not fit; kInvalidArgs when a row does not fit the schema.
Result<SegmentRows> ReadSegment(const model::Schema& schema, const protocol::Segment& segment,
                                FunctionRef<model::Row(const TableKey&)> base);

}  // namespace tidemark::client

#endif  // TIDEMARK_CORE_CLIENT_SEGMENT_ROWS_H_
