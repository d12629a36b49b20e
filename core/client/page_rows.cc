#include "core/client/page_rows.h"

#include "core/base/check.h"
#include "core/query/predicate.h"

namespace tidemark::client {

using model::Row;

Row PageRows::Get(const TableKey& address, Moment moment) const {
  return moment == Moment::kBase ? state_.BaseRow(address)
                                 : state_.store().Get(address.table, address.key);
}

void PageRows::Find(model::TableIndex table, const ivm::Columns& columns, const ivm::Values& values,
                    Moment moment, FunctionRef<bool(const Row&)> visit) const {
  if (ivm::HasNull(values)) return;
  const model::Table& description = state_.store().schema().table(table);
  query::Query all;
  all.table = table;
  all.order_by = query::TotalOrdering(description, {});
  const bool base = moment == Moment::kBase;
  bool more = true;
  const Status fetched = state_.store().source(table).Fetch(
      {all, std::nullopt, {columns, values}}, [&](const Row& row) {
        if (base && state_.IsTouched(TableKey{table, model::KeyOf(description, row)})) return true;
        return more = visit(row);
      });
  TIDEMARK_CHECK(fetched.ok());
  if (!base) return;
  state_.ForEachTouched([&](const TableKey& address, const Row& row) {
    if (!more || address.table != table || !row) return;
    if (ivm::ValuesEqual()({row, columns}, values)) more = visit(row);
  });
}

bool PageRows::Passes(const query::Query& query, const Row& row, Moment moment) const {
  return query::Passes(query.where, row, [&](const query::Exists& exists, const Row& from) {
    return Leads(exists.edge, from, moment);
  });
}

bool PageRows::Leads(const query::Edge& edge, const Row& row, Moment moment) const {
  bool leads = false;
  const auto test = [&](const Row& target) {
    leads = Passes(*edge.query, target, moment);
    return !leads;
  };
  const ivm::Values values = ivm::ValuesOf({row, ivm::OwnColumns(edge.match)});
  const ivm::Columns other = ivm::OtherColumns(edge.match);
  if (!edge.through) {
    Find(edge.query->table, other, values, moment, test);
    return leads;
  }
  const query::Match& onward = edge.through->match;
  Find(edge.through->table, other, values, moment, [&](const Row& junction) {
    Find(edge.query->table, ivm::OtherColumns(onward),
         ivm::ValuesOf({junction, ivm::OwnColumns(onward)}), moment, test);
    return !leads;
  });
  return leads;
}

}  // namespace tidemark::client
