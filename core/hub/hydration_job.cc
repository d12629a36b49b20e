#include "core/hub/hydration_job.h"

#include <utility>

#include "core/hub/poke_writer.h"
#include "core/protocol/messages.h"
#include "core/query/ast_json.h"

namespace tidemark::hub {

Error TooManyRows(const model::Table& table, std::size_t rows_max) {
  return Error{ErrorCode::kLimit, "a query on " + table.name + " has more than " +
                                      std::to_string(rows_max) +
                                      " rows (rows_per_query_max): add a limit or a condition"};
}

void HydrationJob::Run(const store::Store& snapshot, const Version& version) {
  result_ = Read(snapshot, version);
}

void HydrationJob::ShowsNoMoreThan(const Version& version) {
  if (result_.ok() && result_->version.position > version.position) result_->version = version;
}

Result<Hydration> HydrationJob::Read(const store::Store& snapshot, const Version& version) const {
  TIDEMARK_ASSIGN_OR_RETURN(query::Query query, query::ParseQuery(schema_, order_.ast_json));
  const model::Table& table = schema_.table(query.table);
  Hydration hydration;
  hydration.version = version;
  hydration.store = std::make_unique<store::SwitchedStore>(schema_, snapshot);
  hydration.pipeline = std::make_unique<ivm::Pipeline>(*hydration.store,
                                                       query::Normalize(schema_, std::move(query)));

  protocol::Segment segment;
  segment.pipeline = order_.pipeline;
  segment.to = version;
  segment.reset = true;
  TIDEMARK_TRY(hydration.pipeline->Hydrate([&](model::TableIndex index, const model::Row& row) {
    // One more than allowed is enough to know; the operators still see the rest.
    if (++hydration.row_count > order_.rows_max) return;
    const model::Table& of = hydration.pipeline->table(index);
    segment.changes.push_back(PutChange(of, order_.client, index, row));
    hydration.fingerprint.Add(of.name, order_.client.Project(index, row));
  }));
  if (hydration.row_count > order_.rows_max) return TooManyRows(table, order_.rows_max);
  segment.fingerprint = hydration.fingerprint.sum();
  hydration.frame = MakeFrame(std::move(segment));
  if (!order_.keeps_pipeline) {
    hydration.pipeline.reset();
    hydration.store.reset();
  }
  return hydration;
}

}  // namespace tidemark::hub
