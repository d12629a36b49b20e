// A reader of a view's edits: keeps the lists as told, checks the rules of view_edit.h, and can say
// what the whole result looks like.
#ifndef TIDEMARK_TESTS_CORE_IVM_MIRROR_H_
#define TIDEMARK_TESTS_CORE_IVM_MIRROR_H_

#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/ivm/view_edit.h"

namespace tidemark::ivm {

class Mirror {
 public:
  Mirror() { lists_[kRootList]; }

  /// Empty, or the rule that an edit broke.
  std::string Apply(const std::vector<ViewEdit>& edits);
  /// The result as View::ToJson writes it.
  std::string ToJson() const;
  std::size_t list_count() const { return lists_.size(); }
  /// Of the root's rows, those whose object a reader made anew in the last Apply.
  std::size_t fresh_rows() const { return fresh_.size(); }

 private:
  struct Entry {
    model::Row row;
    std::vector<ListID> lists;
    std::uint64_t identity = 0;
  };

  std::string ApplyOne(const ViewEdit& edit);
  /// Every row of a list that changed, or that names one, must have a new identity.
  std::string CheckTouched() const;
  void Append(std::string& out, ListID list) const;

  std::map<ListID, std::vector<Entry>> lists_;
  std::set<ListID> changed_;       // in this Apply
  std::set<std::uint64_t> fresh_;  // identities given in this Apply
  std::uint64_t last_identity_ = 0;
};

}  // namespace tidemark::ivm

#endif  // TIDEMARK_TESTS_CORE_IVM_MIRROR_H_
