#include "core/ivm/chain.h"

#include <utility>

#include "core/ivm/exists_filter.h"
#include "core/ivm/filter.h"
#include "core/ivm/skip.h"
#include "core/ivm/source_operator.h"

namespace tidemark::ivm {
namespace {

using query::Condition;
using query::Connective;
using query::Exists;
using query::Junction;

// What the store tests, and what it cannot: each row passes both or fails one.
struct Split {
  std::optional<Condition> plain;
  std::optional<Condition> rest;
};

std::optional<Condition> Conjunction(std::vector<Condition> args) {
  if (args.empty()) return std::nullopt;
  if (args.size() == 1) return std::move(args[0]);
  return Condition{Junction{Connective::kAnd, std::move(args)}};
}

Split SplitCondition(const std::optional<Condition>& where) {
  if (!where || !query::HasExists(where)) return {where, std::nullopt};
  const Junction* junction = std::get_if<Junction>(&where->node);
  if (junction == nullptr || junction->connective != Connective::kAnd) return {std::nullopt, where};
  std::vector<Condition> plain;
  std::vector<Condition> rest;
  for (const Condition& arg : junction->args) (query::HasExists(arg) ? rest : plain).push_back(arg);
  return {Conjunction(std::move(plain)), Conjunction(std::move(rest))};
}

void MakeTotal(const model::Schema& schema, query::Query& query);

void MakeTotal(const model::Schema& schema, Condition& condition) {
  if (Exists* exists = std::get_if<Exists>(&condition.node)) {
    MakeTotal(schema, *exists->edge.query);
  } else if (Junction* junction = std::get_if<Junction>(&condition.node)) {
    for (Condition& arg : junction->args) MakeTotal(schema, arg);
  }
}

// The order of groups: by the columns named, then by the others.
query::Ordering GroupOrder(const query::Aggregation& aggregation, const query::Ordering& order_by) {
  query::Ordering ordering;
  const auto add = [&](query::OrderKey key) {
    for (const query::OrderKey& known : ordering) {
      if (known.column == key.column) return;
    }
    for (const model::ColumnIndex column : aggregation.group_by) {
      if (column == key.column) return ordering.push_back(key);
    }
  };
  for (const query::OrderKey& key : order_by) add(key);
  for (const model::ColumnIndex column : aggregation.group_by) add({column});
  return ordering;
}

void MakeTotal(const model::Schema& schema, query::Query& query) {
  query.order_by = query.aggregation
                       ? GroupOrder(*query.aggregation, query.order_by)
                       : query::TotalOrdering(schema.table(query.table), query.order_by);
  if (query.one) query.limit = 1;
  if (query.where) MakeTotal(schema, *query.where);
  for (query::Related& related : query.related) MakeTotal(schema, *related.edge.query);
}

}  // namespace

std::unique_ptr<Operator> BuildChain(const store::Store& store, const query::Query& query) {
  Split split = SplitCondition(query.where);
  query::Query stored;
  stored.table = query.table;
  stored.where = split.plain;
  // Groups have an order of their own, and no row is first.
  stored.order_by = query.aggregation ? query::TotalOrdering(store.schema().table(query.table), {})
                                      : query.order_by;
  if (!split.rest && !query.aggregation) stored.limit = query.limit;
  std::unique_ptr<Operator> top = std::make_unique<SourceOperator>(store, std::move(stored));
  if (split.plain) {
    top = std::make_unique<Filter>(std::move(top), query::Predicate(std::move(split.plain)));
  }
  if (split.rest) {
    top = std::make_unique<ExistsFilter>(std::move(top), store, query.table, *split.rest);
  }
  if (query.start) {
    top = std::make_unique<Skip>(std::move(top), query.order_by,
                                 store::Start{query.start->row, query.start->inclusive});
  }
  return top;
}

query::Edge DirectEdge(const model::Schema& schema, const query::Edge& edge) {
  query::Edge target;
  target.relationship = edge.relationship;
  target.query = edge.query;
  if (!edge.through) {
    target.match = edge.match;
    return target;
  }
  target.match = edge.through->match;
  query::Query junction;
  junction.table = edge.through->table;
  junction.where = Condition{Exists{std::move(target), false}};
  junction.order_by = query::TotalOrdering(schema.table(junction.table), {});
  query::Edge direct;
  direct.relationship = edge.relationship;
  direct.match = edge.match;
  direct.query = std::move(junction);
  return direct;
}

query::Query WithTotalOrder(const model::Schema& schema, query::Query query) {
  MakeTotal(schema, query);
  return query;
}

}  // namespace tidemark::ivm
