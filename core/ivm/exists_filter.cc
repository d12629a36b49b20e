#include "core/ivm/exists_filter.h"

#include <algorithm>
#include <utility>

#include "core/ivm/chain.h"

namespace tidemark::ivm {

using model::Row;
using model::RowChange;
using query::Condition;
using query::Connective;
using query::Junction;

ExistsFilter::ExistsFilter(std::unique_ptr<Operator> input, const store::Store& store,
                           model::TableIndex table, const Condition& condition)
    : input_(std::move(input)),
      table_(store.schema().table(table)),
      table_index_(table),
      test_(Compile(store, condition, false)) {}

ExistsFilter::~ExistsFilter() = default;

// Negation moves down to comparisons and edges; above them, "unknown" may then count as false.
ExistsFilter::Test ExistsFilter::Compile(const store::Store& store, const Condition& condition,
                                         bool negate) {
  Test test;
  if (const auto* comparison = std::get_if<query::Comparison>(&condition.node)) {
    query::Comparison own = *comparison;
    if (negate) own.op = query::Complement(own.op);
    test.predicate = query::Predicate(Condition{std::move(own)});
    return test;
  }
  if (const auto* exists = std::get_if<query::Exists>(&condition.node)) {
    const query::Edge direct = DirectEdge(store.schema(), exists->edge);
    Edge edge;
    edge.own = OwnColumns(direct.match);
    edge.other = OtherColumns(direct.match);
    edge.description = &store.schema().table(direct.query->table);
    edge.chain = BuildChain(store, *direct.query);
    test.kind = Test::Kind::kEdge;
    test.edge = edges_.size();
    test.negated = exists->negated != negate;
    edges_.push_back(std::move(edge));
    return test;
  }
  const Junction& junction = *std::get_if<Junction>(&condition.node);
  if (junction.connective == Connective::kNot) return Compile(store, junction.args[0], !negate);
  const bool all = (junction.connective == Connective::kAnd) != negate;
  test.kind = all ? Test::Kind::kAll : Test::Kind::kAny;
  for (const Condition& arg : junction.args) test.args.push_back(Compile(store, arg, negate));
  // What the row itself decides needs no fetch.
  std::stable_partition(test.args.begin(), test.args.end(),
                        [](const Test& arg) { return arg.kind == Test::Kind::kRow; });
  return test;
}

Status ExistsFilter::Passes(const Test& test, const Row& row, Moment moment, bool& passes) const {
  switch (test.kind) {
    case Test::Kind::kRow:
      passes = test.predicate.Test(row);
      return Ok{};
    case Test::Kind::kEdge:
      TIDEMARK_TRY(Holds(edges_[test.edge], row, moment, passes));
      passes = passes != test.negated;
      return Ok{};
    case Test::Kind::kAll:
    case Test::Kind::kAny: {
      const bool all = test.kind == Test::Kind::kAll;
      passes = all;
      for (const Test& arg : test.args) {
        TIDEMARK_TRY(Passes(arg, row, moment, passes));
        if (passes != all) return Ok{};
      }
      return Ok{};
    }
  }
  return Ok{};
}

Status ExistsFilter::Holds(const Edge& edge, const Row& row, Moment moment, bool& holds) const {
  holds = false;
  const RowPart part{row, edge.own};
  if (HasNull(part)) return Ok{};
  if (!edge.touched.empty()) {
    const auto found = edge.touched.find(part);
    if (found != edge.touched.end()) {
      holds = moment == Moment::kBefore ? found->second.was : found->second.is;
      return Ok{};
    }
  }
  const Values values = ValuesOf(part);
  return edge.chain->Fetch({std::nullopt, {edge.other, values}}, [&holds](const Row&) {
    holds = true;
    return false;
  });
}

Status ExistsFilter::Fetch(const FetchRange& range, RowVisitor visit) const {
  Status status = Ok{};
  TIDEMARK_TRY(input_->Fetch(range, [&](const Row& row) {
    bool passes = false;
    status = Passes(test_, row, Moment::kNow, passes);
    return status.ok() && (!passes || visit(row));
  }));
  return status;
}

Status ExistsFilter::Touch(Edge& edge, const model::ChangeSet& changes) {
  // What the batch did at one value.
  struct Seen {
    bool left = false;
    bool edited = false;
    std::unordered_set<RowKey> entered;
  };
  ByValues<Seen> seen;
  TIDEMARK_TRY(edge.chain->Advance(changes, [&](const RowChange& change) {
    const bool was = change.before && !HasNull(RowPart{change.before, edge.other});
    const bool is = change.after && !HasNull(RowPart{change.after, edge.other});
    Seen* before = was ? &seen[ValuesOf({change.before, edge.other})] : nullptr;
    Seen* after = is ? &seen[ValuesOf({change.after, edge.other})] : nullptr;
    if (before != nullptr && before == after) {
      before->edited = true;
      return;
    }
    if (before != nullptr) before->left = true;
    if (after != nullptr) after->entered.insert(change.key);
  }));
  const model::Table& table = *edge.description;
  for (const auto& entry : seen) {
    const auto& values = entry.first;
    const auto& at = entry.second;
    Flip flip{at.left || at.edited, at.edited || !at.entered.empty()};
    if (flip.was && flip.is) continue;
    TIDEMARK_TRY(edge.chain->Fetch({std::nullopt, {edge.other, values}}, [&](const Row& row) {
      if (at.entered.count(model::KeyOf(table, row)) > 0) return true;
      flip.was = true;  // it was there before, since it did not enter
      flip.is = true;
      return false;
    }));
    if (flip.was == flip.is) continue;
    edge.touched.emplace(values, flip);
  }
  return Ok{};
}

Status ExistsFilter::EmitFlipped(const Edge& edge, std::unordered_set<RowKey>& done,
                                 ChangeVisitor emit) const {
  for (const auto& [values, flip] : edge.touched) {
    Status status = Ok{};
    TIDEMARK_TRY(input_->Fetch({std::nullopt, {edge.own, values}}, [&](const Row& row) {
      RowKey key = model::KeyOf(table_, row);
      if (!done.insert(key).second) return true;
      bool was = false;
      bool is = false;
      status = Passes(test_, row, Moment::kBefore, was);
      if (status.ok()) status = Passes(test_, row, Moment::kNow, is);
      if (!status.ok()) return false;
      if (was != is) {
        emit(RowChange{table_index_, std::move(key), was ? row : Row(), is ? row : Row()});
      }
      return true;
    }));
    TIDEMARK_TRY(status);
  }
  return Ok{};
}

// What was touched counts within one batch only, also one that fails: afterwards the edges are what
// a fetch finds.
Status ExistsFilter::Advance(const model::ChangeSet& changes, ChangeVisitor emit) {
  const Status status = AdvanceBatch(changes, emit);
  for (Edge& edge : edges_) edge.touched.clear();
  return status;
}

Status ExistsFilter::AdvanceBatch(const model::ChangeSet& changes, ChangeVisitor emit) {
  bool flipped = false;
  for (Edge& edge : edges_) {
    TIDEMARK_TRY(Touch(edge, changes));
    flipped = flipped || !edge.touched.empty();
  }
  model::ChangeSet own;
  TIDEMARK_TRY(input_->Advance(changes, [&](const RowChange& change) { own.push_back(change); }));
  std::unordered_set<RowKey> done;
  for (RowChange& change : own) {
    bool was = false;
    bool is = false;
    if (change.before) TIDEMARK_TRY(Passes(test_, change.before, Moment::kBefore, was));
    if (change.after) TIDEMARK_TRY(Passes(test_, change.after, Moment::kNow, is));
    if (flipped) done.insert(change.key);
    if (!was && !is) continue;
    if (!was) change.before = Row();
    if (!is) change.after = Row();
    emit(change);
  }
  for (Edge& edge : edges_) {
    if (!edge.touched.empty()) TIDEMARK_TRY(EmitFlipped(edge, done, emit));
  }
  return Ok{};
}

}  // namespace tidemark::ivm
