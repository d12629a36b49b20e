// Turns row changes into the changes of a segment, and segments into frames. An edit of a large row
// travels as a patch of the columns that differ (a json column as a patch of its document) when
// that is clearly smaller than the row.
#ifndef TIDEMARK_CORE_HUB_POKE_WRITER_H_
#define TIDEMARK_CORE_HUB_POKE_WRITER_H_

#include <optional>
#include <vector>

#include "core/hub/client_schema.h"
#include "core/hub/frame.h"
#include "core/model/row_change.h"
#include "core/model/schema.h"
#include "core/protocol/messages.h"

namespace tidemark::hub {

Frame MakeFrame(const protocol::Message& message);

/// A row of `table`, which has that index, that is in the result: whole.
protocol::SegmentChange PutChange(const model::Table& table, const ClientSchema& schema,
                                  model::TableIndex index, const model::Row& row);

/// A patch needs the row before in the receiver's hands before the poke.
enum class EditForm { kSmallest, kWhole };

/// `change`, in `table`, as a receiver with this schema sees it; nothing if it concerns only
/// columns that the receiver does not have. Groups are never patched.
std::optional<protocol::SegmentChange> EditChange(const model::Table& table,
                                                  const ClientSchema& schema,
                                                  const model::RowChange& change, EditForm form);

}  // namespace tidemark::hub

#endif  // TIDEMARK_CORE_HUB_POKE_WRITER_H_
