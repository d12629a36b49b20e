#include "tests/core/ivm/tree_walk.h"

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/ivm/evaluate.h"
#include "core/ivm/node_tables.h"
#include "core/ivm/pipeline.h"
#include "core/ivm/view.h"
#include "core/query/ast_json.h"
#include "core/query/predicate.h"
#include "core/store/memory_source.h"
#include "core/store/sqlite_result.h"
#include "core/store/sqlite_source.h"
#include "tests/core/ivm/mirror.h"
#include "tests/core/ivm/naive_evaluator.h"
#include "tests/core/ivm/random_tree.h"
#include "tests/core/store/random_data.h"

namespace tidemark::ivm {
namespace {

using model::Row;
using query::Query;

// All that a run depends on. The first batch is there before anything is watched.
struct Case {
  std::string schema_json;
  Query query;
  std::vector<std::vector<Write>> batches;
};

// The stores at one state, and what is maintained on them.
// Who has the members of a pipeline, and nothing else.
class Page {
 public:
  Page(const model::Schema& schema, const Query& query, const Pipeline& pipeline)
      : schema_(schema),
        pipeline_(pipeline),
        tables_(GroupTablesOf(schema, query)),
        nodes_(schema, query),
        rows_(nodes_.schema()),
        groups_{std::vector<ByValues<GroupLists::List>>(tables_.size())},
        view_(rows_, nodes_.query(), &groups_) {}

  std::string Hydrate(const model::ChangeSet& members) {
    Take(members);
    return view_.Hydrate().ok() ? "" : "a page's view does not hydrate";
  }
  std::string Advance(const model::ChangeSet& members) {
    const auto edits = view_.Advance(Take(members));
    return edits.ok() ? "" : edits.error().message;
  }
  std::string ToJson() const { return view_.ToJson(); }

 private:
  // The changes for the view.
  model::ChangeSet Take(const model::ChangeSet& members) {
    std::set<std::pair<model::TableIndex, RowKey>> moved;
    model::ChangeSet changes;
    for (const model::RowChange& change : members) {
      const std::string& table = pipeline_.table(change.table).name;
      if (change.table < schema_.tables().size()) {
        all_[{change.table, change.key}] = change.after;
        moved.emplace(change.table, change.key);
      } else if (!IsNodeTable(table)) {
        changes.push_back(TakeGroup(change));
      } else {
        if (change.after) at_[table].insert(change.key);
        if (!change.after) at_[table].erase(change.key);
        for (const NodeTables::Node& node : nodes_.nodes()) {
          if (node.description.name == table) moved.emplace(node.table, change.key);
        }
      }
    }
    for (const auto& [table, key] : moved) {
      for (const NodeTables::Node& node : nodes_.nodes()) {
        if (node.table == table) Place(node, key, changes);
      }
    }
    return changes;
  }

  void Place(const NodeTables::Node& node, const RowKey& key, model::ChangeSet& changes) {
    const std::set<RowKey>& at = at_[node.description.name];
    const bool is_there = at.empty() || at.count(key) > 0;
    const auto row = all_.find({node.table, key});
    const Row after = is_there && row != all_.end() ? row->second : Row();
    const Row before = rows_.Apply(node.copy, key, after);
    if (!(before == after)) changes.push_back(model::RowChange{node.copy, key, before, after});
  }

  model::RowChange TakeGroup(const model::RowChange& change) {
    const std::size_t number = change.table - schema_.tables().size();
    const GroupTable& table = tables_[number];
    const Row before = Shown(table, change.before);
    const Row after = Shown(table, change.after);
    const Values match = table.MatchOf(after ? after : before);
    GroupLists::List& list = groups_.aggregations[number][match];
    list.erase(change.key);
    if (after) list[change.key] = table.ListRow(after);
    const std::size_t index = nodes_.schema().tables().size() + number;
    return model::RowChange{static_cast<model::TableIndex>(index), change.key, before, after};
  }

  // The aggregates in the place of the state.
  Row Shown(const GroupTable& table, const Row& row) const {
    if (!row) return Row();
    // As it comes off the wire.
    const Row read = model::RowFromJsonText(table.description, model::RowJson(row)).value();
    TIDEMARK_CHECK(read == row);
    const GroupArithmetic arithmetic(*table.query->aggregation, schema_.table(table.query->table));
    const GroupState state = arithmetic.ReadState(read, table.key_columns).value();
    const auto begin = read.values().begin();
    Values shown(begin, begin + static_cast<std::ptrdiff_t>(table.key_columns));
    TIDEMARK_CHECK(arithmetic.AppendValues(state, shown).ok());
    return Row::Make(std::move(shown));
  }

  const model::Schema& schema_;
  const Pipeline& pipeline_;
  std::vector<GroupTable> tables_;
  NodeTables nodes_;
  std::map<std::pair<model::TableIndex, RowKey>, Row> all_;
  std::map<std::string, std::set<RowKey>> at_;  // by node; not empty if the node is told
  store::MemoryStore rows_;
  GroupLists groups_;
  View view_;
};

class World {
 public:
  World(const model::Schema& schema, const Query& query, Oracle* more)
      : schema_(schema),
        query_(query),
        more_(more),
        memory_(schema),
        database_(store::Database::Open(":memory:").value()),
        sqlite_(schema, database_),
        rows_(schema.tables().size()),
        views_{View(memory_, query), View(sqlite_, query)},
        pipelines_{Pipeline(memory_, query), Pipeline(sqlite_, query)},
        page_(schema, query, pipelines_[0]) {
    TIDEMARK_CHECK(store::MigrateSqlite(schema, database_).ok());
    if (more_ != nullptr) more_->Begin(schema);
  }

  const Rows& rows() const { return rows_; }

  model::ChangeSet Apply(const std::vector<Write>& writes) {
    model::NetChanges net;
    for (const Write& write : writes) {
      Row before = memory_.Apply(write.table, write.key, write.after);
      const Status status = write.after ? sqlite_.Put(write.table, write.after)
                                        : sqlite_.Delete(write.table, write.key);
      TIDEMARK_CHECK(status.ok());
      if (write.after) {
        rows_[write.table][write.key] = write.after;
      } else {
        rows_[write.table].erase(write.key);
      }
      net.Add(model::RowChange{write.table, write.key, std::move(before), write.after});
    }
    model::ChangeSet changes = net.Take();
    if (more_ != nullptr) more_->Apply(changes);
    return changes;
  }

  std::string Hydrate() {
    for (View& view : views_) {
      if (!view.Hydrate().ok()) return "a view does not hydrate";
    }
    for (std::size_t i = 0; i < 2; ++i) {
      std::size_t visited = 0;
      members_[i].clear();
      const Status status = pipelines_[i].Hydrate([&](model::TableIndex table, const Row& row) {
        ++visited;
        const model::Table& description = pipelines_[i].table(table);
        members_[i].emplace(std::make_pair(table, model::KeyOf(description, row)), row);
      });
      if (!status.ok()) return "a pipeline does not hydrate";
      if (visited != members_[i].size()) return "a pipeline visits a member twice";
    }
    model::ChangeSet members;
    for (const auto& [key, row] : members_[0]) {
      members.push_back(model::RowChange{key.first, key.second, Row(), row});
    }
    const std::string failed = page_.Hydrate(members);
    if (!failed.empty()) return failed;
    const std::string broken = mirror_.Apply(views_[0].Edits());
    return broken.empty() ? Compare() : "hydrate: " + broken;
  }

  std::string Advance(const model::ChangeSet& changes) {
    Result<std::vector<ViewEdit>> edits = views_[0].Advance(changes);
    if (!edits.ok()) return edits.error().message;
    const std::string broken = mirror_.Apply(*edits);
    if (!broken.empty()) return broken;
    edits = views_[1].Advance(changes);
    if (!edits.ok()) return edits.error().message;
    for (std::size_t i = 0; i < 2; ++i) {
      const auto delta = pipelines_[i].Advance(changes);
      if (!delta.ok()) return delta.error().message;
      std::string wrong = ApplyDelta(*delta, members_[i]);
      if (wrong.empty() && i == 0) wrong = page_.Advance(*delta);
      if (!wrong.empty()) return wrong;
    }
    return Compare();
  }

 private:
  static std::string ApplyDelta(const model::ChangeSet& delta, Members& members) {
    std::set<std::pair<model::TableIndex, RowKey>> seen;
    for (const model::RowChange& change : delta) {
      const auto key = std::make_pair(change.table, change.key);
      if (!seen.insert(key).second) return "a pipeline tells a key twice";
      const auto found = members.find(key);
      const bool was = found != members.end();
      if (was != static_cast<bool>(change.before)) return "a member's change starts elsewhere";
      if (was && !(found->second == change.before)) return "a member's change has another before";
      if (change.before == change.after) return "a pipeline tells what did not change";
      if (was) members.erase(found);
      if (change.after) members.emplace(key, change.after);
    }
    return "";
  }

  // The result as each of those gives it who had no part in maintaining it.
  std::vector<std::pair<std::string, Result<std::string>>> Oracles() {
    std::vector<std::pair<std::string, Result<std::string>>> results;
    results.emplace_back("operators at once", EvaluateToJson(memory_, query_));
    // Preparing a whole tree costs more than all the rest: now and then.
    if (++compared_ % 4 == 1) {
      results.emplace_back("one statement of SQLite's",
                           store::RunToJson(schema_, query_, database_, pool_));
    }
    if (more_ != nullptr) results.emplace_back(more_->name(), more_->Run(query_));
    return results;
  }

  std::string Compare() {
    const NaiveEvaluator naive(schema_, rows_);
    const std::string expected = naive.ToJson(query_);
    const auto differ = [&](const std::string& what, const std::string& got) {
      return got == expected ? "" : what + "\n  is     " + got + "\n  should " + expected;
    };
    std::string wrong = differ("the view over memory", views_[0].ToJson());
    if (wrong.empty()) wrong = differ("the mirror of its edits", mirror_.ToJson());
    if (wrong.empty()) wrong = differ("the view over SQLite", views_[1].ToJson());
    for (const auto& [name, result] : Oracles()) {
      if (wrong.empty()) wrong = differ(name, result.ok() ? *result : result.error().message);
    }
    for (std::size_t i = 0; i < 2 && wrong.empty(); ++i) {
      const Members fresh = FreshMembers(i);
      if (members_[i] != fresh) {
        wrong = "the members\n  are    " + Text(members_[i]) + "\n  should " + Text(fresh);
      }
    }
    // What a page evaluates that has the members and nothing else.
    if (wrong.empty()) {
      wrong = differ("the view of a page that has the members alone", page_.ToJson());
    }
    return wrong;
  }

  Members FreshMembers(std::size_t of) const {
    const store::Store* stores[] = {&memory_, &sqlite_};
    Members members;
    Pipeline pipeline(*stores[of], query_);
    TIDEMARK_CHECK(pipeline
                       .Hydrate([&](model::TableIndex table, const Row& row) {
                         const model::Table& description = pipeline.table(table);
                         members.emplace(std::make_pair(table, model::KeyOf(description, row)),
                                         row);
                       })
                       .ok());
    return members;
  }

  static std::string Text(const Members& members) {
    std::string text;
    for (const auto& [key, row] : members) {
      text += "t" + std::to_string(key.first) + model::RowJson(row) + " ";
    }
    return text;
  }

  const model::Schema& schema_;
  const Query& query_;
  Oracle* more_;
  store::MemoryStore memory_;
  store::Database database_;
  store::SqliteStore sqlite_;
  store::StatementPool pool_{10};
  Rows rows_;
  View views_[2];
  Pipeline pipelines_[2];
  Members members_[2];
  Page page_;
  Mirror mirror_;
  int compared_ = 0;
};

// Empty, or what went wrong.
std::string RunCase(const Case& test, Oracle* more, Coverage* coverage) {
  const model::Schema schema = model::Schema::Parse(test.schema_json).value();
  World world(schema, test.query, more);
  for (std::size_t i = 0; i < test.batches.size(); ++i) {
    const model::ChangeSet changes = world.Apply(test.batches[i]);
    const std::string wrong = i == 0 ? world.Hydrate() : world.Advance(changes);
    if (!wrong.empty()) return "batch " + std::to_string(i) + ": " + wrong;
    if (coverage != nullptr) coverage->Count(schema, test.query, world.rows());
  }
  return "";
}

// ---- making a failing case smaller ----

// Every query that has one part less.
void Smaller(const Query& query, const std::function<void(Query)>& visit);

void Smaller(const query::Condition& condition,
             const std::function<void(std::optional<query::Condition>)>& visit) {
  visit(std::nullopt);
  if (const auto* exists = std::get_if<query::Exists>(&condition.node)) {
    Smaller(*exists->edge.query, [&](Query inner) {
      query::Exists copy = *exists;
      copy.edge.query = std::move(inner);
      visit(query::Condition{std::move(copy)});
    });
  } else if (const auto* junction = std::get_if<query::Junction>(&condition.node)) {
    for (std::size_t i = 0; i < junction->args.size(); ++i) {
      visit(junction->args[i]);
      Smaller(junction->args[i], [&](std::optional<query::Condition> arg) {
        if (!arg) return;
        query::Junction copy = *junction;
        copy.args[i] = std::move(*arg);
        visit(query::Condition{std::move(copy)});
      });
    }
  }
}

void Smaller(const Query& query, const std::function<void(Query)>& visit) {
  const auto with = [&](auto change) {
    Query copy = query;
    change(copy);
    visit(std::move(copy));
  };
  for (std::size_t i = 0; i < query.related.size(); ++i) {
    with([&](Query& q) { q.related.erase(q.related.begin() + static_cast<std::ptrdiff_t>(i)); });
    Smaller(*query.related[i].edge.query, [&](Query inner) {
      with([&](Query& q) { q.related[i].edge.query = std::move(inner); });
    });
  }
  if (query.where) {
    Smaller(*query.where, [&](std::optional<query::Condition> where) {
      with([&](Query& q) { q.where = std::move(where); });
    });
  }
  if (query.start) with([](Query& q) { q.start.reset(); });
  if (query.limit && !query.one) with([](Query& q) { q.limit.reset(); });
  if (query.aggregation && query.aggregation->aggregates.size() > 1) {
    with([](Query& q) { q.aggregation->aggregates.pop_back(); });
  }
}

std::optional<Case> SmallerFailure(const Case& test, Oracle* more) {
  const auto fails = [more](const Case& other) { return !RunCase(other, more, nullptr).empty(); };
  for (std::size_t i = 0; i < test.batches.size(); ++i) {
    Case without = test;
    if (i > 0) {
      without.batches.erase(without.batches.begin() + static_cast<std::ptrdiff_t>(i));
      if (fails(without)) return without;
    }
    for (std::size_t j = 0; j < test.batches[i].size(); ++j) {
      without = test;
      auto& batch = without.batches[i];
      batch.erase(batch.begin() + static_cast<std::ptrdiff_t>(j));
      if (fails(without)) return without;
    }
  }
  std::optional<Case> found;
  Smaller(test.query, [&](Query query) {
    if (found) return;
    Case without = test;
    without.query = std::move(query);
    if (fails(without)) found = std::move(without);
  });
  return found;
}

std::string Describe(Case test, Oracle* more) {
  for (int i = 0; i < 500; ++i) {
    std::optional<Case> smaller = SmallerFailure(test, more);
    if (!smaller) break;
    test = std::move(*smaller);
  }
  const model::Schema schema = model::Schema::Parse(test.schema_json).value();
  std::string text = test.schema_json + "\n" + query::QueryToJson(schema, test.query) + "\n";
  for (const auto& batch : test.batches) {
    text += "batch";
    for (const Write& write : batch) {
      text += "\n  t" + std::to_string(write.table) + " " + write.key.value + " " +
              (write.after ? model::RowJson(write.after) : "deleted");
    }
    text += "\n";
  }
  return text + RunCase(test, more, nullptr);
}

}  // namespace

std::string WalkTrees(Random& random, std::uint64_t cases, Oracle* more, Coverage& coverage) {
  for (std::uint64_t i = 0; i < cases; ++i) {
    Case test;
    test.schema_json = RandomTreeSchema(random);
    const auto schema = model::Schema::Parse(test.schema_json);
    if (!schema.ok()) return schema.error().message + "\n" + test.schema_json;
    test.query = RandomTree(random, *schema, 3);
    test.batches.push_back(RandomWrites(random, *schema, random.Below(40)));
    for (int step = 0; step < 5; ++step) {
      test.batches.push_back(
          RandomWrites(random, *schema, 1 + random.Below(random.OneIn(3) ? 20 : 3)));
    }
    const std::string wrong = RunCase(test, more, &coverage);
    if (!wrong.empty()) {
      return "case " + std::to_string(i) + ": " + wrong + "\n" + Describe(test, more);
    }
  }
  return "";
}

}  // namespace tidemark::ivm
