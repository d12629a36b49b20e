#include "tests/core/ivm/mirror.h"

namespace tidemark::ivm {

using Kind = ViewEdit::Kind;

std::string Mirror::Apply(const std::vector<ViewEdit>& edits) {
  changed_.clear();
  fresh_.clear();
  bool closing = false;
  for (const ViewEdit& edit : edits) {
    if (closing && edit.kind != Kind::kClose) return "an edit behind a close";
    closing = edit.kind == Kind::kClose;
    std::string broken = ApplyOne(edit);
    if (!broken.empty()) return broken + " (list " + std::to_string(edit.list) + ")";
  }
  for (const auto& [id, entries] : lists_) {
    for (const Entry& entry : entries) {
      for (const ListID list : entry.lists) {
        if (lists_.count(list) == 0) return "a row names list " + std::to_string(list);
      }
    }
  }
  return CheckTouched();
}

std::string Mirror::ApplyOne(const ViewEdit& edit) {
  if (edit.kind == Kind::kOpen) {
    changed_.insert(edit.list);
    return lists_.try_emplace(edit.list).second ? "" : "a list is opened twice";
  }
  const auto found = lists_.find(edit.list);
  if (found == lists_.end()) return "an edit of a list that is not open";
  std::vector<Entry>& entries = found->second;
  if (edit.kind == Kind::kClose) {
    lists_.erase(found);
    return "";
  }
  changed_.insert(edit.list);
  for (const ListID list : edit.lists) {
    if (lists_.count(list) == 0) return "a row names a list before it is open";
  }
  const bool is_insert = edit.kind == Kind::kInsert;
  if (edit.index >= entries.size() + (is_insert ? 1 : 0)) return "an index outside of its list";
  const auto at = entries.begin() + edit.index;
  switch (edit.kind) {
    case Kind::kInsert:
      entries.insert(at, Entry{edit.row, edit.lists, ++last_identity_});
      fresh_.insert(last_identity_);
      break;
    case Kind::kReplace:
      *at = Entry{edit.row, edit.lists, ++last_identity_};
      fresh_.insert(last_identity_);
      break;
    case Kind::kTouch:
      if (fresh_.count(at->identity) > 0) return "a row is touched that is new";
      at->identity = ++last_identity_;
      fresh_.insert(last_identity_);
      break;
    case Kind::kRemove:
      entries.erase(at);
      break;
    case Kind::kOpen:
    case Kind::kClose:
      break;
  }
  return "";
}

std::string Mirror::CheckTouched() const {
  for (const auto& [id, entries] : lists_) {
    for (const Entry& entry : entries) {
      bool below = false;
      for (const ListID list : entry.lists) below = below || changed_.count(list) > 0;
      const bool is_fresh = fresh_.count(entry.identity) > 0;
      if (below && !is_fresh) return "a list changed, and a row that names it kept its identity";
      if (is_fresh && changed_.count(id) == 0) return "a row is new in a list that did not change";
    }
  }
  return "";
}

void Mirror::Append(std::string& out, ListID list) const {
  out += '[';
  bool first_row = true;
  for (const Entry& entry : lists_.at(list)) {
    out += first_row ? "[" : ",[";
    first_row = false;
    bool first = true;
    for (const model::Value& value : entry.row.values()) {
      if (!first) out += ',';
      first = false;
      model::AppendJson(out, value);
    }
    for (const ListID child : entry.lists) {
      if (!first) out += ',';
      first = false;
      Append(out, child);
    }
    out += ']';
  }
  out += ']';
}

std::string Mirror::ToJson() const {
  std::string json;
  Append(json, kRootList);
  return json;
}

}  // namespace tidemark::ivm
