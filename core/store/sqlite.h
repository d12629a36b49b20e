// SQLite as RAII values: a connection, a prepared statement, a transaction. Errors are values; a
// statement that fails says which one. kUnavailable for busy and I/O errors, kCorrupt for a damaged
// file, kLimit for a full disk, kAlreadyExists for a violated primary key or unique constraint,
// kInvalidArgs for other constraints.
#ifndef TIDEMARK_CORE_STORE_SQLITE_H_
#define TIDEMARK_CORE_STORE_SQLITE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "core/base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace tidemark::store {

/// A prepared statement. Bind, Step until it says false, read columns in between; Reset before it
/// is used again (Database::Prepare hands it out reset). Move-only.
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

  /// True: a row is there. False: done.
  Result<bool> Step();
  /// Runs to the end, ignoring rows, and resets.
  Status Run();
  void Reset();

  bool IsNull(int column) const;  // columns count from 0
  std::int64_t Int64(int column) const;
  double Double(int column) const;
  std::string_view Text(int column) const;  // valid until the next Step or Reset
  std::string_view Blob(int column) const;

 private:
  sqlite3_stmt* statement_ = nullptr;
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
  /// reset. It must not be asked for again while it is being stepped.
  Result<Statement*> Cached(std::string_view sql);
  std::int64_t changes() const;  // rows changed by the last statement
  bool in_transaction() const;
  sqlite3* handle() const { return handle_; }

 private:
  explicit Database(sqlite3* handle) : handle_(handle) {}
  sqlite3* handle_ = nullptr;
  std::unordered_map<std::string, Statement> cached_;
};

/// BEGIN IMMEDIATE (or BEGIN for a read snapshot) now, ROLLBACK in the destructor unless committed.
enum class TransactionKind { kWrite, kRead };
class SqliteTransaction {
 public:
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
