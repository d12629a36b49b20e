// SQLite as RAII values: a connection, a prepared statement, a transaction. Errors are values; a
// statement that fails says which one. kUnavailable for busy and I/O errors, kCorrupt for a damaged
// file, kLimit for a full disk, kAlreadyExists for a violated primary key or unique constraint,
// kInvalidArgs for other constraints.
#ifndef TIDEMARK_CORE_STORE_SQLITE_H_
#define TIDEMARK_CORE_STORE_SQLITE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace tidemark::store {

/// A prepared statement. Bind, Step until it says false, read columns in between; Reset before it
/// is used again (Database::Prepare hands it out reset). A SELECT that is not stepped to its end
/// must be reset: it holds its snapshot until then. Move-only.
class Statement {
 public:
  Statement() = default;
  explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&& other) noexcept;
  ~Statement();

  Statement& Bind(int parameter, std::int64_t value);  // parameters count from 1
  Statement& Bind(int parameter, double value);
  Statement& Bind(int parameter, std::string_view text);  // copied
  Statement& BindBlob(int parameter, std::string_view bytes);
  Statement& BindNull(int parameter);

  /// True: a row is there. False: done. A Bind that failed is reported here.
  Result<bool> Step();
  /// Runs to the end, ignoring rows, and resets.
  Status Run();
  /// Back to before the first Step, without parameters.
  void Reset();
  /// Stepped, and neither at its end nor reset.
  bool busy() const;

  bool IsNull(int column) const;  // columns count from 0
  std::int64_t Int64(int column) const;
  double Double(int column) const;
  std::string_view Text(int column) const;  // valid until the next Step or Reset
  std::string_view Blob(int column) const;

 private:
  Statement& Bound(int code);

  sqlite3_stmt* statement_ = nullptr;
  int bind_error_ = 0;  // the first one since the last Reset; 0: none
};

/// Statements of one connection, kept prepared and found again by their text. A busy statement is
/// never handed out: whoever asks for its text meanwhile gets another one, so fetches may nest.
/// Beyond `statements_max` all that are not busy are dropped.
class StatementPool {
 public:
  static constexpr std::size_t kUnbounded = ~std::size_t{0};
  explicit StatementPool(std::size_t statements_max) : statements_max_(statements_max) {}

  /// Reset and valid until the next Take (a busy one: until it is not busy any more).
  Result<Statement*> Take(sqlite3* handle, std::string_view sql);

 private:
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>()(text);
    }
  };

  void DropIdle();

  std::size_t statements_max_;
  std::size_t size_ = 0;
  std::unordered_map<std::string, std::vector<std::unique_ptr<Statement>>, TextHash,
                     std::equal_to<>>
      statements_;
};

struct OpenOptions {
  std::string vfs = {};  // empty: the platform's default
  bool read_only = false;
};

/// One connection, for one thread. Move-only.
class Database {
 public:
  /// `path` may be ":memory:".
  static Result<Database> Open(const std::string& path, const OpenOptions& options = {});
  Database(Database&& other) noexcept;
  Database& operator=(Database&& other) noexcept;
  ~Database();

  /// One or several statements without parameters, run to the end.
  Status Execute(std::string_view sql);
  Result<Statement> Prepare(std::string_view sql);
  /// A statement kept prepared for as long as the connection, found again by its text; handed out
  /// reset. For texts that the program spells (a bounded set); while one is being stepped, asking
  /// for its text gives another.
  Result<Statement*> Cached(std::string_view sql);
  std::int64_t changes() const;  // rows changed by the last statement
  bool in_transaction() const;
  sqlite3* handle() const { return handle_; }

 private:
  explicit Database(sqlite3* handle) : handle_(handle) {}
  sqlite3* handle_ = nullptr;
  StatementPool cached_{StatementPool::kUnbounded};
};

/// BEGIN IMMEDIATE (or BEGIN for a read snapshot) now, ROLLBACK in the destructor unless committed.
enum class TransactionKind { kWrite, kRead };
class SqliteTransaction {
 public:
  /// `database` outlives the transaction and stays where it is. A read transaction reads the state
  /// of this moment.
  static Result<SqliteTransaction> Begin(Database& database, TransactionKind kind);
  SqliteTransaction(SqliteTransaction&& other) noexcept;
  SqliteTransaction& operator=(SqliteTransaction&&) = delete;
  ~SqliteTransaction();
  Status Commit();
  void Rollback();

 private:
  explicit SqliteTransaction(Database& database) : database_(&database) {}
  Database* database_;
};

}  // namespace tidemark::store

#endif  // TIDEMARK_CORE_STORE_SQLITE_H_
