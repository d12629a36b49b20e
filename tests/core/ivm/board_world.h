// Boards with todos, and todos with tags through a junction: the tree that the tests of single
// operators stand on. Queries are written as JSON.
#ifndef TIDEMARK_TESTS_CORE_IVM_BOARD_WORLD_H_
#define TIDEMARK_TESTS_CORE_IVM_BOARD_WORLD_H_

#include <string>
#include <string_view>

#include "core/ivm/pipeline.h"
#include "core/ivm/view.h"
#include "core/store/memory_source.h"

namespace tidemark::ivm {

inline constexpr model::TableIndex kBoard = 0;
inline constexpr model::TableIndex kTodo = 1;
inline constexpr model::TableIndex kTag = 2;
inline constexpr model::TableIndex kTodoTag = 3;

class BoardWorld {
 public:
  BoardWorld();

  const store::MemoryStore& store() const { return store_; }
  query::Query Parse(std::string_view json) const;

  void Board(const std::string& id, const std::string& owner = "me");
  /// No board: null.
  void Todo(const std::string& id, const std::string& board, double rank, bool done = false);
  void Tag(const std::string& id);
  void Tie(const std::string& todo, const std::string& tag);
  void Untie(const std::string& todo, const std::string& tag);
  void Remove(model::TableIndex table, const std::string& id);
  /// What was done since the last call, net.
  model::ChangeSet Take() { return changes_.Take(); }

 private:
  void Put(model::TableIndex table, model::Row row);
  void Delete(model::TableIndex table, const RowKey& key);

  model::Schema schema_;
  store::MemoryStore store_;
  model::NetChanges changes_;
};

/// `0+1:b` inserted at 1 of list 0 a row of id b; `-` removed, `=` replaced, `!` touched, `(2`
/// opened list of node 2, `)` closed.
std::string Describe(const std::vector<ViewEdit>& edits);

/// `-todo:a +tag:x ~board:b`: left, entered, edited; sorted. `@2:a` is the row a at node 2 (in the
/// order of NodeTables), `@2:told` says that the node is told.
std::string Describe(const model::Schema& schema, const Pipeline& pipeline,
                     const model::ChangeSet& changes);

}  // namespace tidemark::ivm

#endif  // TIDEMARK_TESTS_CORE_IVM_BOARD_WORLD_H_
