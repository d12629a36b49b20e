#include "core/ivm/view.h"

#include <algorithm>
#include <utility>

#include "core/base/check.h"
#include "core/ivm/chain.h"
#include "core/ivm/list_editor.h"
#include "core/ivm/tree.h"

namespace tidemark::ivm {
namespace {

using model::Row;
using Kind = ViewEdit::Kind;

std::vector<ListID> ListsOf(TreeNode& node, const Row& row) {
  std::vector<ListID> lists;
  lists.reserve(node.children.size());
  for (const auto& child : node.children) {
    const List* list = child->level->ListOf(row);
    TIDEMARK_CHECK(list != nullptr);
    lists.push_back(list->id);
  }
  return lists;
}

// A list that is new to the reader: opened and filled.
void Fill(TreeNode& node, const List& list, std::vector<ViewEdit>& edits) {
  if (list.id != kRootList) edits.push_back({Kind::kOpen, node.number, Row(), list.id, {}});
  std::uint32_t index = 0;
  for (const Row& row : list.rows) {
    edits.push_back({Kind::kInsert, index++, row, list.id, ListsOf(node, row)});
  }
}

// Rows that did not change themselves but of which a list did.
void Touch(const query::Ordering& ordering, const List& list, std::vector<ViewEdit>& edits) {
  const auto positions = [&](const std::vector<Row>& rows) {
    std::vector<std::size_t> found;
    found.reserve(rows.size());
    for (const Row& row : rows) found.push_back(PositionIn(ordering, list.rows, row));
    std::sort(found.begin(), found.end());
    found.erase(std::unique(found.begin(), found.end()), found.end());
    return found;
  };
  const std::vector<std::size_t> fresh = positions(list.batch->fresh);
  for (const std::size_t index : positions(list.batch->touched)) {
    if (std::binary_search(fresh.begin(), fresh.end(), index)) continue;
    edits.push_back({Kind::kTouch, static_cast<std::uint32_t>(index), Row(), list.id, {}});
  }
}

// The edits of one list, after those of its rows' lists. True: it differs for those who name it.
bool Report(TreeNode& node, List& list, std::vector<ViewEdit>& edits) {
  List::Batch& batch = *list.batch;
  if (batch.opened) {
    Fill(node, list, edits);
    return true;
  }
  for (ViewEdit& edit : batch.edits) {
    if (edit.row && !node.children.empty()) edit.lists = ListsOf(node, edit.row);
    edits.push_back(std::move(edit));
  }
  if (!batch.touched.empty()) Touch(node.level->plan().shape.ordering, list, edits);
  return batch.changed || !batch.touched.empty();
}

void ReportAll(TreeNode* parent, TreeNode& node, std::vector<ViewEdit>& edits,
               std::vector<ViewEdit>& closes) {
  for (const auto& child : node.children) ReportAll(&node, *child, edits, closes);
  // Touching adds lists to the parent's batch, never to this one.
  for (List* list : node.level->batch()) {
    if (list->state == List::State::kClosed) {
      if (list->batch->changed) closes.push_back({Kind::kClose, 0, Row(), list->id, {}});
      continue;
    }
    if (!Report(node, *list, edits) || parent == nullptr) continue;
    for (const List::User& user : list->users) {
      if (user.list->batch != nullptr && user.list->batch->opened) continue;
      parent->level->AddToBatch(*user.list);
      user.list->batch->touched.push_back(user.row);
    }
  }
}

// Lists below come before lists that name them.
void FillAll(TreeNode& node, std::vector<ViewEdit>& edits) {
  for (const auto& child : node.children) FillAll(*child, edits);
  node.level->ForEach([&](const List& list) { Fill(node, list, edits); });
}

void AppendList(std::string& out, TreeNode& node, const List& list) {
  out += '[';
  bool first = true;
  for (const Row& row : list.rows) {
    if (!first) out += ',';
    first = false;
    if (node.children.empty()) {
      model::AppendRowJson(out, row);
      continue;
    }
    out += '[';
    for (const model::Value& value : row.values()) {
      model::AppendJson(out, value);
      out += ',';
    }
    for (std::size_t i = 0; i < node.children.size(); ++i) {
      if (i > 0) out += ',';
      TreeNode& child = *node.children[i];
      AppendList(out, child, *child.level->ListOf(row));
    }
    out += ']';
  }
  out += ']';
}

}  // namespace

struct View::Impl {
  Impl(const store::Store& store, query::Query query, const GroupLists* groups)
      : tree(store, WithTotalOrder(store.schema(), std::move(query)),
             TreeOptions{std::nullopt, /*holds_root_rows=*/true, /*records_edits=*/true,
                         GroupForm::kValues, groups}) {}

  /// Null before Hydrate.
  List* root_list() { return tree.root().level->Find(Values()); }

  Tree tree;
};

View::View(const store::Store& store, query::Query query, const GroupLists* groups)
    : impl_(std::make_unique<Impl>(store, std::move(query), groups)) {}

View::~View() = default;
View::View(View&&) noexcept = default;
View& View::operator=(View&&) noexcept = default;

const query::Query& View::query() const { return impl_->tree.query(); }

const std::vector<Row>& View::rows() const {
  static const std::vector<Row> kNone;
  const List* list = impl_->root_list();
  return list == nullptr ? kNone : list->rows;
}

Status View::Hydrate() {
  TIDEMARK_TRY(impl_->tree.Hydrate([](const TreeNode&, Tree::Part, const Delta&) {}));
  impl_->tree.EndBatch();
  return Ok{};
}

std::vector<ViewEdit> View::Edits() {
  std::vector<ViewEdit> edits;
  if (impl_->root_list() != nullptr) FillAll(impl_->tree.root(), edits);
  return edits;
}

Result<std::vector<ViewEdit>> View::Advance(const model::ChangeSet& changes) {
  Tree& tree = impl_->tree;
  TIDEMARK_TRY(tree.Advance(changes, [](const TreeNode&, Tree::Part, const Delta&) {}));
  std::vector<ViewEdit> edits;
  std::vector<ViewEdit> closes;
  ReportAll(nullptr, tree.root(), edits, closes);
  tree.EndBatch();
  for (ViewEdit& close : closes) edits.push_back(std::move(close));
  return edits;
}

std::string View::ToJson() const {
  std::string json;
  const List* list = impl_->root_list();
  if (list == nullptr) return "[]";
  AppendList(json, impl_->tree.root(), *list);
  return json;
}

std::size_t View::row_count() const { return impl_->tree.row_count(); }

}  // namespace tidemark::ivm
