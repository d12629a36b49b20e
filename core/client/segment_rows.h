// A segment's changes as rows: parsed and checked as a whole before anything of a poke is applied.
#ifndef TIDEMARK_CORE_CLIENT_SEGMENT_ROWS_H_
#define TIDEMARK_CORE_CLIENT_SEGMENT_ROWS_H_

#include <cstdint>
#include <string>
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

/// A group of an aggregation (core/ivm/group_table.h). Its text is read by the views that show it:
/// they know what it counts.
struct GroupAddress {
  std::string table;
  RowKey key;
  friend bool operator==(const GroupAddress&, const GroupAddress&) = default;
};

/// No text: the group is not there any more.
struct SegmentGroup {
  GroupAddress address;
  std::string row_json;
  Hash128 hash;
};

struct SegmentRows {
  PipelineID pipeline;
  std::uint64_t position = 0;
  bool reset = false;
  Hash128 fingerprint;
  std::vector<SegmentRow> rows;
  std::vector<SegmentGroup> groups;
  std::vector<std::uint32_t> left = {};  // as in protocol::Segment
};

/// `base` gives the base row of an address before the poke: what patches are against. A patch of
/// another row than that leaves it as it is. kInvalidArgs when a row does not fit the schema.
Result<SegmentRows> ReadSegment(const model::Schema& schema, protocol::Segment segment,
                                FunctionRef<model::Row(const TableKey&)> base);

}  // namespace tidemark::client

#endif  // TIDEMARK_CORE_CLIENT_SEGMENT_ROWS_H_
