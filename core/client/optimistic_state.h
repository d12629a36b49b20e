// The rows of the page: optimistic = base + replay(pending), always, between any two calls. Base is
// not stored twice: it is the optimistic store, except for the rows that pending mutations wrote,
// whose base is kept aside.
//
// A step of base runs again only those mutations that could now do something else: their last run
// read or wrote a key whose value at that point of the replay has changed. The others are applied
// again as captured, or not touched at all. What was merely confirmed as predicted changes nothing.
// Never logs, sends or shows anything: the net changes are handed out by TakeChanges.
#ifndef TIDEMARK_CORE_CLIENT_OPTIMISTIC_STATE_H_
#define TIDEMARK_CORE_CLIENT_OPTIMISTIC_STATE_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/base/function_ref.h"
#include "core/base/ids.h"
#include "core/base/result.h"
#include "core/client/pending_mutation.h"
#include "core/client/table_key.h"
#include "core/model/row_change.h"
#include "core/mutation/mutator.h"
#include "core/store/memory_source.h"

namespace tidemark::client {

/// What the page knows of rows that are not here.
class Coverage {
 public:
  virtual ~Coverage() = default;
  /// The server says that there is no such row: a complete query would hold it.
  virtual bool Covers(model::TableIndex table, const RowKey& key) const = 0;
};

/// A row's new base value; no row: it left.
struct BaseChange {
  TableKey address;
  model::Row after;
};

/// The last confirmed mutation of each client.
using Lmids = std::unordered_map<ClientID, MutationID>;

class OptimisticState {
 public:
  /// All outlive the state.
  OptimisticState(const model::Schema& schema, mutation::MutatorHost& mutators,
                  const Coverage& coverage);

  const store::MemoryStore& store() const { return store_; }
  const std::deque<PendingMutation>& pending() const { return pending_; }
  bool IsPending(const ClientID& client, MutationID id) const;
  /// Where the mutations begin that no log holds yet: behind all that have a place in one.
  std::size_t tail_position() const;
  /// The mutation at tail_position() got its place in the log.
  void MarkTailLogged() { pending_[tail_position()].logged = true; }
  model::Row BaseRow(const TableKey& address) const;
  /// Deleted by a pending mutation, or covered by a complete query. Asked of absent rows only.
  bool IsKnownAbsent(const TableKey& address) const;
  void SetAuth(std::string auth_json) { auth_json_ = std::move(auth_json); }

  /// Runs a new mutation behind the others. On error nothing has changed. The value is what it
  /// returned.
  Result<std::string> Append(mutation::Mutation mutation);

  /// One step of base: `changes`, at most one a key, and pending mutations at or below `lmids`
  /// leave. A mutation that fails while it is run again keeps its place without effects.
  void Advance(const std::vector<BaseChange>& changes, const Lmids& lmids);

  /// Undoes and takes away the pending mutations from `position` on, in order.
  std::vector<PendingMutation> TakeFrom(std::size_t position);
  /// Puts mutations behind the others: those that have not run are run, dropped ones are left out,
  /// the rest as in Advance. What comes from TakeFrom keeps its order.
  void Replay(std::vector<PendingMutation> mutations);

  /// The rows that pending mutations wrote, as they are in base.
  void ForEachTouched(FunctionRef<void(const TableKey&, const model::Row& base)> visit) const;
  /// A pending mutation wrote the row.
  bool IsTouched(const TableKey& address) const { return touched_.count(address) > 0; }

  /// The net changes of the optimistic rows since the last call.
  model::ChangeSet TakeChanges();
  /// Rows of which IsTouched may say something else than at the last call.
  std::vector<TableKey> TakeTouched();

 private:
  friend class OptimisticRows;

  /// Base of a row that pending mutations wrote.
  struct Touched {
    model::Row base;
    std::uint32_t writers = 0;
  };

  model::Row Put(model::TableIndex table, const RowKey& key, model::Row row);
  void SetBase(const BaseChange& change);
  void Touch(const model::RowChange& effect);
  void Release(const model::RowChange& effect);
  Result<std::string> Run(PendingMutation& pending, mutation::Reason reason);
  void RunAgain(PendingMutation& pending, DirtyKeys& dirty);
  void Replay(std::vector<PendingMutation> mutations, DirtyKeys dirty);
  void Push(PendingMutation pending);
  void Forget(const mutation::Mutation& mutation);
  std::size_t CountConfirmed(const Lmids& lmids) const;
  /// The position from which mutations must be rolled back, and in `confirmed_front` the number of
  /// confirmed ones at the front. `dirty` becomes what it is at that position.
  std::size_t FirstToReplay(const std::vector<BaseChange>& changes, const Lmids& lmids,
                            DirtyKeys& dirty, std::size_t& confirmed_front) const;

  store::MemoryStore store_;
  mutation::MutatorHost& mutators_;
  const Coverage& coverage_;
  std::string auth_json_ = "null";
  std::deque<PendingMutation> pending_;
  std::unordered_map<ClientID, std::set<MutationID>> waiting_;  // ids in pending_
  TableKeyMap<Touched> touched_;
  std::vector<TableKey> touched_changes_;
  model::NetChanges changes_;
};

}  // namespace tidemark::client

#endif  // TIDEMARK_CORE_CLIENT_OPTIMISTIC_STATE_H_
