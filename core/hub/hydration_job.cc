#include "core/hub/hydration_job.h"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "core/hub/poke_writer.h"
#include "core/model/row.h"
#include "core/protocol/member_hash.h"
#include "core/protocol/messages.h"
#include "core/query/ast_json.h"

namespace tidemark::hub {

Error TooManyRows(const model::Table& table, std::size_t rows_max) {
  return Error{ErrorCode::kLimit, "a query on " + table.name + " has more than " +
                                      std::to_string(rows_max) +
                                      " rows (rows_per_query_max): add a limit or a condition"};
}

namespace {

/// All rows of the result, or those in the buckets that receivers are compared by.
class RowsToSend {
 public:
  explicit RowsToSend(const HydrationJob::Order& order)
      : order_(order), wanted_(protocol::kBucketsMax, order.compared.empty()) {
    // As many buckets as each comparison goes by: a divisor of kBucketsMax.
    for (const HydrationJob::Order::Compared& compared : order.compared) {
      const std::uint32_t width = protocol::kBucketsMax / compared.comparison.buckets();
      for (const std::uint32_t bucket : compared.comparison.wanted()) {
        const auto begin = wanted_.begin() + static_cast<std::ptrdiff_t>(bucket * width);
        std::fill(begin, begin + static_cast<std::ptrdiff_t>(width), true);
      }
    }
  }

  void Add(protocol::SegmentChange put, const Hash128& hash) {
    if (!order_.compared.empty()) {
      const std::uint32_t key_hash = protocol::HashKey(put.table, put.key);
      if (!wanted_[protocol::BucketOf(key_hash, protocol::kBucketsMax)]) return;
      members_.push_back({key_hash, protocol::ShortRowHash(hash.low), puts_.size()});
    }
    puts_.push_back(std::move(put));
  }

  Frame WriteWhole(const Version& version, const Hash128& fingerprint) {
    protocol::Segment segment;
    segment.pipeline = order_.pipeline;
    segment.to = version;
    segment.reset = true;
    segment.fingerprint = fingerprint;
    segment.changes = std::move(puts_);
    return MakeFrame(std::move(segment));
  }

  std::vector<SetComparison::Lack> FindLacks() {
    SetComparison::Sort(members_);
    std::vector<SetComparison::Lack> lacks;
    for (const HydrationJob::Order::Compared& compared : order_.compared) {
      SetComparison::Difference difference = compared.comparison.Compare(members_);
      SetComparison::Lack& lack = lacks.emplace_back();
      lack.left = std::move(difference.left);
      for (const std::size_t row : difference.puts) lack.puts.push_back(puts_[row]);
    }
    return lacks;
  }

 private:
  const HydrationJob::Order& order_;
  std::vector<bool> wanted_;
  std::vector<SetComparison::Member> members_;
  std::vector<protocol::SegmentChange> puts_;
};

}  // namespace

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

  RowsToSend rows(order_);
  TIDEMARK_TRY(hydration.pipeline->Hydrate([&](model::TableIndex index, const model::Row& row) {
    // One more than allowed is enough to know; the operators still see the rest.
    if (++hydration.row_count > order_.rows_max) return;
    protocol::SegmentChange put =
        PutChange(hydration.pipeline->table(index), order_.client, index, row);
    const Hash128 hash = model::HashRowText(put.table, put.row_json);
    hydration.fingerprint.Add(put.table, put.key, hash);
    rows.Add(std::move(put), hash);
  }));
  if (hydration.row_count > order_.rows_max) return TooManyRows(table, order_.rows_max);
  hydration.fingerprint.Shrink(hydration.row_count);
  if (!order_.compared.empty()) {
    hydration.lacks = rows.FindLacks();
  } else {
    hydration.frame = rows.WriteWhole(version, hydration.fingerprint.sum());
  }
  if (!order_.keeps_pipeline) {
    hydration.pipeline.reset();
    hydration.store.reset();
  }
  return hydration;
}

}  // namespace tidemark::hub
