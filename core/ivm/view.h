// A query's result as a tree of lists that somebody else mirrors: each flush says how to turn the
// lists of the last flush into today's (view_edit.h). Invariants: the lists == fresh evaluation of
// the query on the store, after Hydrate and after every Advance; applying all edits in order to the
// mirror gives the lists.
#ifndef TIDEMARK_CORE_IVM_VIEW_H_
#define TIDEMARK_CORE_IVM_VIEW_H_

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/ivm/group_feed.h"
#include "core/ivm/view_edit.h"
#include "core/model/row_change.h"
#include "core/query/ast.h"
#include "core/store/source.h"

namespace tidemark::ivm {

class View {
 public:
  /// `store` outlives the view; nothing is read yet. `groups`, if there are any, too: its
  /// aggregations are taken from there, and the changes of their rows come with those of the
  /// store's (group_feed.h).
  View(const store::Store& store, query::Query query, const GroupLists* groups = nullptr);
  ~View();
  View(View&&) noexcept;
  View& operator=(View&&) noexcept;

  const query::Query& query() const;
  /// The root's list: rows, or groups.
  const std::vector<model::Row>& rows() const;

  /// Starts over with the result at the store's state; its reader takes Edits() for all of it.
  Status Hydrate();
  /// The edits that make everything out of nothing. The root's list is there already, and empty.
  std::vector<ViewEdit> Edits();
  /// The store is already at the new state; `changes` are net, from the state of the last Hydrate
  /// or Advance. The edits that it made, none when the result did not change. After an error the
  /// view refuses to advance until it is hydrated again.
  Result<std::vector<ViewEdit>> Advance(const model::ChangeSet& changes);

  /// The result as JSON: a list of rows, each `[values…, one list a related query…]`, values in
  /// wire form.
  std::string ToJson() const;

  /// Rows of all lists, and those held to maintain them.
  std::size_t row_count() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tidemark::ivm

#endif  // TIDEMARK_CORE_IVM_VIEW_H_
