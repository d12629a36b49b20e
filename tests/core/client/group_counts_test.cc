// The law of a page's aggregations: for any schema, query and writes, what the server counted and
// what is pending make what the server will count when it has done what is pending, also of tables
// of which the page knows a part only. SEED= runs another walk, CASES= a longer one.
// (Extremes, conditions with exists and parents that are only pending have rules of their own:
// group_counts.h. They are tested in client_groups_test.cc and in the simulation.)

#include "core/client/group_counts.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/base/check.h"
#include "core/ivm/pipeline.h"
#include "core/ivm/view.h"
#include "core/mutation/mutator.h"
#include "core/query/ast_json.h"
#include "core/query/predicate.h"
#include "core/store/memory_source.h"
#include "tests/core/ivm/naive_evaluator.h"
#include "tests/core/ivm/random_tree.h"
#include "tests/core/store/random_data.h"

namespace tidemark::client {
namespace {

using ivm::Write;
using model::Row;
using query::AggregateFunction;

// Leaves of a query what can be predicted exactly: aggregations at the root, or related to rows
// that are all there. Gives how many there are.
int MakeExact(query::Query& query) {
  if (query.aggregation) {
    if (query::HasExists(query.where)) query.where.reset();
    query.limit.reset();
    for (query::Aggregate& aggregate : query.aggregation->aggregates) {
      const bool extreme = aggregate.function == AggregateFunction::kMin ||
                           aggregate.function == AggregateFunction::kMax;
      if (extreme) aggregate.function = AggregateFunction::kCount;
    }
    return 1;
  }
  query.where.reset();
  query.start.reset();
  query.limit.reset();
  query.one = false;
  std::vector<query::Related> related;
  for (query::Related& candidate : query.related) {
    if (!candidate.edge.query->aggregation) continue;
    MakeExact(*candidate.edge.query);
    related.push_back(std::move(candidate));
  }
  query.related = std::move(related);
  return static_cast<int>(query.related.size());
}

// Tables whose rows are counted directly and are nothing else in the query.
std::set<model::TableIndex> CountedOnly(const query::Query& query) {
  std::set<model::TableIndex> counted;
  std::set<model::TableIndex> read;
  for (const query::Node& node : query::NodesOf(query)) {
    const bool direct = node.edge == nullptr || !node.edge->through;
    const bool is_counted = node.query != nullptr && node.query->aggregation && direct;
    (is_counted ? counted : read).insert(node.table);
  }
  for (const model::TableIndex table : read) counted.erase(table);
  return counted;
}

class KnowsAll final : public Coverage {
 public:
  bool Covers(model::TableIndex, const RowKey&) const override { return true; }
};

class World {
 public:
  World(const model::Schema& schema, const query::Query& query)
      : schema_(schema),
        query_(query),
        partly_(CountedOnly(query)),
        server_(schema),
        server_rows_(schema.tables().size()),
        pipeline_(server_, query),
        state_(schema, mutators_, coverage_),
        base_(schema),
        counts_(state_, base_, PipelineID("counted"), query),
        view_(state_.store(), query, &counts_.lists()) {
    mutators_.Register("write",
                       [this](mutation::Transaction& tx, std::string_view args_json,
                              const mutation::MutatorContext&) -> Result<std::string> {
                         const std::size_t n =
                             std::strtoull(std::string(args_json).c_str(), nullptr, 10);
                         for (const Write& write : written_[n]) TIDEMARK_TRY(Run(tx, write));
                         return std::string();
                       });
    base_.Hold(PipelineID("counted"));
    base_.Hold(PipelineID("rows"));
    TIDEMARK_CHECK(pipeline_.Hydrate([](model::TableIndex, const Row&) {}).ok());
    (void)counts_.SyncAll();
    TIDEMARK_CHECK(view_.Hydrate().ok());
  }

  /// Somebody else writes.
  void Commit(const std::vector<Write>& writes) { Step(writes, {}); }

  void Mutate(std::vector<Write> writes) {
    std::vector<Write> known;
    for (Write& write : writes) {
      // The server counts for the rows that it has.
      const bool is_parent = !query_.aggregation && write.table == query_.table;
      if (!is_parent && Knows(write.table, write.key)) known.push_back(std::move(write));
    }
    written_.push_back(std::move(known));
    mutation::Mutation mutation;
    mutation.client = ClientID("tab");
    mutation.id = ++last_id_;
    mutation.name = "write";
    mutation.args_json = std::to_string(written_.size() - 1);
    TIDEMARK_CHECK(state_.Append(mutation).ok());
    pending_.push_back(written_.size() - 1);
    Show();
  }

  void Confirm() {
    if (pending_.empty()) return;
    const std::size_t n = pending_.front();
    pending_.pop_front();
    Step(written_[n], {{ClientID("tab"), ++confirmed_}});
  }

  /// Empty, or what is wrong.
  std::string Check() {
    if (!failure_.empty()) return failure_;
    ivm::Rows rows = server_rows_;
    for (const std::size_t n : pending_) {
      for (const Write& write : written_[n]) Put(rows, write);
    }
    const std::string expected = ivm::NaiveEvaluator(schema_, rows).ToJson(query_);
    const std::string shown = view_.ToJson();
    return shown == expected ? "" : "shows  " + shown + "\n  should " + expected;
  }

 private:
  bool Knows(model::TableIndex table, const RowKey& key) const {
    return partly_.count(table) == 0 || std::hash<std::string>()(key.value) % 2 == 0;
  }

  Status Run(mutation::Transaction& tx, const Write& write) const {
    const model::Table& table = schema_.table(write.table);
    std::string payload = "{";
    const Row row = write.after;
    const std::vector<model::Value> key = model::ValuesOfKey(table, write.key).value();
    const auto add = [&](model::ColumnIndex column, const model::Value& value) {
      if (payload.size() > 1) payload += ',';
      model::AppendJsonString(payload, table.columns[column].name);
      payload += ':';
      model::AppendJson(payload, value);
    };
    if (row) {
      for (model::ColumnIndex i = 0; i < row.size(); ++i) add(i, row[i]);
    } else {
      for (std::size_t i = 0; i < key.size(); ++i) add(table.primary_key[i], key[i]);
    }
    return tx.Write(row ? mutation::WriteOp::kUpsert : mutation::WriteOp::kDelete, table.name,
                    payload + "}");
  }

  static void Put(ivm::Rows& rows, const Write& write) {
    if (write.after) {
      rows[write.table][write.key] = write.after;
    } else {
      rows[write.table].erase(write.key);
    }
  }

  void Step(const std::vector<Write>& writes, const Lmids& lmids) {
    model::NetChanges net;
    for (const Write& write : writes) {
      Row before = server_.Apply(write.table, write.key, write.after);
      net.Add(model::RowChange{write.table, write.key, std::move(before), write.after});
      Put(server_rows_, write);
    }
    const model::ChangeSet changes = net.Take();
    SegmentRows rows{PipelineID("rows"), ++position_, false, {}, {}, {}};
    for (const model::RowChange& change : changes) {
      if (!Knows(change.table, change.key)) continue;
      rows.rows.push_back({TableKey{change.table, change.key}, change.after, {}});
    }
    SegmentRows counted{PipelineID("counted"), position_, false, {}, {}, {}};
    const model::ChangeSet members = pipeline_.Advance(changes).value();
    for (const model::RowChange& change : members) {
      if (change.table < schema_.tables().size()) continue;
      const std::string& name = pipeline_.table(change.table).name;
      counted.groups.push_back(
          {GroupAddress{name, change.key}, change.after ? model::RowJson(change.after) : "", {}});
    }
    base_.Apply(std::move(rows));
    base_.Apply(std::move(counted));
    state_.Advance(base_.TakeChanges(&moved_), lmids);
    Show();
  }

  void Show() {
    model::ChangeSet changes = state_.TakeChanges();
    for (const model::RowChange& change : changes) moved_.push_back({change.table, change.key});
    for (const TableKey& address : state_.TakeTouched()) moved_.push_back(address);
    for (model::RowChange& change :
         counts_.Sync(std::exchange(moved_, {}), base_.TakeMovedGroups()[PipelineID("counted")])) {
      changes.push_back(std::move(change));
    }
    const auto edits = view_.Advance(changes);
    if (!edits.ok()) failure_ = edits.error().message;
    if (counts_.failure()) failure_ = counts_.failure()->message;
  }

  const model::Schema& schema_;
  const query::Query& query_;
  const std::set<model::TableIndex> partly_;  // the page knows half of their rows
  store::MemoryStore server_;
  ivm::Rows server_rows_;
  ivm::Pipeline pipeline_;
  mutation::MutatorRegistry mutators_;
  KnowsAll coverage_;
  OptimisticState state_;
  BaseRows base_;
  GroupCounts counts_;
  ivm::View view_;
  std::vector<TableKey> moved_;
  std::vector<std::vector<Write>> written_;
  std::deque<std::size_t> pending_;  // of written_
  MutationID last_id_ = 0;
  MutationID confirmed_ = 0;
  std::uint64_t position_ = 0;
  std::string failure_;
};

TEST(GroupCountsTest, WhatIsPendingIsCountedAsTheServerWill) {
  const char* text = std::getenv("CASES");
  const std::uint64_t cases = text == nullptr ? 300 : std::strtoull(text, nullptr, 10);
  Random random(store::SeedFromEnvironment(5));
  std::uint64_t through = 0;
  std::uint64_t partly = 0;
  for (std::uint64_t i = 0; i < cases; ++i) {
    const std::string schema_json = ivm::RandomTreeSchema(random);
    const model::Schema schema = model::Schema::Parse(schema_json).value();
    query::Query query = ivm::RandomTree(random, schema, 3);
    while (MakeExact(query) == 0) query = ivm::RandomTree(random, schema, 3);
    for (const ivm::GroupTable& table : ivm::GroupTablesOf(schema, query)) {
      through += table.edge != nullptr && table.edge->through ? 1 : 0;
    }
    partly += CountedOnly(query).empty() ? 0 : 1;
    World world(schema, query);
    world.Commit(ivm::RandomWrites(random, schema, random.Below(30)));
    for (int step = 0; step < 25; ++step) {
      const std::uint64_t what = random.Below(4);
      if (what == 0) world.Confirm();
      if (what == 1) world.Commit(ivm::RandomWrites(random, schema, 1 + random.Below(5)));
      if (what >= 2) world.Mutate(ivm::RandomWrites(random, schema, 1 + random.Below(4)));
      ASSERT_EQ(world.Check(), "") << "case " << i << ", step " << step << "\n"
                                   << schema_json << "\n"
                                   << query::QueryToJson(schema, query);
    }
  }
  if (text != nullptr) return;
  EXPECT_GT(through, 20u) << "aggregations through junctions";
  EXPECT_GT(partly, 100u) << "tables of which not every row is known";
}

}  // namespace
}  // namespace tidemark::client
