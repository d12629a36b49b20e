// What a mutator sees of the data, in every place it runs: the page's optimistic rows, the embedded
// database or Postgres behind one RowAccess. Turns the calls of a mutator (insert, update, set at a
// path, …) into writes of whole rows and remembers the first failed write: a failed write dooms the
// mutation, whatever the mutator does with the error.
#ifndef TIDEMARK_CORE_MUTATION_TRANSACTION_H_
#define TIDEMARK_CORE_MUTATION_TRANSACTION_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/model/row.h"
#include "core/model/schema.h"
#include "core/mutation/mutation.h"
#include "core/query/ast.h"

namespace tidemark::mutation {

/// What is known of a key. Unknown occurs on clients only: neither a row that is here nor known to
/// be absent.
enum class Presence : std::uint8_t { kPresent, kAbsent, kUnknown };
struct Lookup {
  Presence presence = Presence::kAbsent;
  model::Row row;  // with kPresent
};

/// One write of a whole row. `before` is the row that was read (absent for an insert of a key that
/// was not looked at).
struct RowWrite {
  enum class Kind : std::uint8_t { kInsert, kUpdate, kDelete };
  Kind kind;
  model::TableIndex table;
  RowKey key;
  model::Row before;
  model::Row after;
  std::vector<model::ColumnIndex> changed;  // with kUpdate: the columns that differ
};

/// The rows a transaction runs on, including its own earlier writes.
class RowAccess {
 public:
  virtual ~RowAccess() = default;
  virtual Result<Lookup> Get(model::TableIndex table, const RowKey& key) = 0;
  /// For an insert: may answer kUnknown where asking costs a round trip and Write reports
  /// kAlreadyExists anyway.
  virtual Result<Lookup> GetForInsert(model::TableIndex table, const RowKey& key) {
    return Get(table, key);
  }
  /// A failure may also surface later (a database that flushes at commit).
  virtual Status Write(RowWrite write) = 0;
  /// The result's JSON (docs/protocol.md), the whole tree at the state of this transaction.
  virtual Result<std::string> Run(const query::Query& query) = 0;
};

enum class WriteOp : std::uint8_t {
  kInsert,
  kUpsert,
  kUpdate,
  kDelete,
  kSet,
  kUnset,
  kMerge,
  kIncrement,
  kSplice,
};
std::optional<WriteOp> WriteOpFromName(std::string_view name);

class Transaction {
 public:
  /// All outlive the transaction.
  Transaction(const model::Schema& schema, RowAccess& rows, const Mutation& mutation);

  // The calls of a mutator host; JSON forms in docs/protocol.md.
  /// The row as a JSON array, or empty if there is none (or it is unknown on this client). A read
  /// that the rows themselves fail (a database that is away) dooms the mutation like a write.
  Result<std::string> Get(std::string_view table, std::string_view key_json);
  Status Write(WriteOp op, std::string_view table, std::string_view payload_json);
  /// The result's JSON.
  Result<std::string> Run(std::string_view ast_json);
  std::string Uuid();

  /// The first failed write, which the mutation must fail with.
  const std::optional<Error>& doom() const { return doom_; }

 private:
  Status WriteRow(WriteOp op, std::string_view table, std::string_view payload_json);
  Error Doomed(Error error);

  const model::Schema& schema_;
  RowAccess& rows_;
  const Mutation& mutation_;
  std::uint32_t uuids_ = 0;
  std::optional<Error> doom_;
};

}  // namespace tidemark::mutation

#endif  // TIDEMARK_CORE_MUTATION_TRANSACTION_H_
