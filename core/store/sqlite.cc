#include "core/store/sqlite.h"

#include <sqlite3.h>

#include <utility>

#include "core/store/sqlite_functions.h"

namespace tidemark::store {
namespace {

ErrorCode CodeOf(int extended_code) {
  switch (extended_code) {
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_ROWID:
      return ErrorCode::kAlreadyExists;
    case SQLITE_IOERR_CORRUPTFS:
      return ErrorCode::kCorrupt;
    default:
      break;
  }
  switch (extended_code & 0xff) {
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
      return ErrorCode::kInvalidArgs;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_PROTOCOL:
    case SQLITE_INTERRUPT:
      return ErrorCode::kUnavailable;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return ErrorCode::kCorrupt;
    case SQLITE_FULL:
    case SQLITE_TOOBIG:
    case SQLITE_NOMEM:
      return ErrorCode::kLimit;
    default:
      return ErrorCode::kInternal;
  }
}

// `handle` may be null (no memory for a connection).
Error ErrorOf(sqlite3* handle, int code, std::string_view sql) {
  constexpr std::size_t kQuotedBytesMax = 200;
  std::string message = "SQLite: ";
  message += handle != nullptr ? sqlite3_errmsg(handle) : sqlite3_errstr(code);
  if (!sql.empty()) {
    message += ", in: ";
    message += sql.substr(0, kQuotedBytesMax);
    if (sql.size() > kQuotedBytesMax) message += " ...";
  }
  const int extended = handle != nullptr ? sqlite3_extended_errcode(handle) : code;
  return Error{CodeOf((extended & 0xff) == (code & 0xff) ? extended : code), std::move(message)};
}

Result<sqlite3_stmt*> PrepareOn(sqlite3* handle, std::string_view sql, unsigned flags,
                                const char** tail) {
  sqlite3_stmt* statement = nullptr;
  const int code =
      sqlite3_prepare_v3(handle, sql.data(), static_cast<int>(sql.size()), flags, &statement, tail);
  if (code != SQLITE_OK) return ErrorOf(handle, code, sql);
  return statement;
}

// One statement with nothing behind it: text that is silently not run would be a bug.
Result<Statement> PrepareOne(sqlite3* handle, std::string_view sql, unsigned flags) {
  const char* tail = nullptr;
  TIDEMARK_ASSIGN_OR_RETURN(sqlite3_stmt * prepared, PrepareOn(handle, sql, flags, &tail));
  Statement statement(prepared);
  const std::size_t used = static_cast<std::size_t>(tail - sql.data());
  if (prepared == nullptr || sql.find_first_not_of(" \n\t\r;", used) != std::string_view::npos) {
    return Error{ErrorCode::kInternal, "not one SQL statement: " + std::string(sql)};
  }
  return statement;
}

}  // namespace

Statement::Statement(Statement&& other) noexcept
    : statement_(std::exchange(other.statement_, nullptr)),
      bind_error_(std::exchange(other.bind_error_, 0)) {}

Statement& Statement::operator=(Statement&& other) noexcept {
  std::swap(statement_, other.statement_);
  std::swap(bind_error_, other.bind_error_);
  return *this;
}

Statement::~Statement() { sqlite3_finalize(statement_); }

Statement& Statement::Bound(int code) {
  if (bind_error_ == 0) bind_error_ = code;
  return *this;
}

Statement& Statement::Bind(int parameter, std::int64_t value) {
  return Bound(sqlite3_bind_int64(statement_, parameter, value));
}

Statement& Statement::Bind(int parameter, double value) {
  return Bound(sqlite3_bind_double(statement_, parameter, value));
}

Statement& Statement::Bind(int parameter, std::string_view text) {
  const char* data = text.data() != nullptr ? text.data() : "";
  return Bound(
      sqlite3_bind_text64(statement_, parameter, data, text.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
}

Statement& Statement::BindBlob(int parameter, std::string_view bytes) {
  const char* data = bytes.data() != nullptr ? bytes.data() : "";
  return Bound(sqlite3_bind_blob64(statement_, parameter, data, bytes.size(), SQLITE_TRANSIENT));
}

Statement& Statement::BindNull(int parameter) {
  return Bound(sqlite3_bind_null(statement_, parameter));
}

Result<bool> Statement::Step() {
  TIDEMARK_CHECK(statement_ != nullptr);
  if (bind_error_ != 0) {
    const int code = bind_error_;
    Reset();
    Error error = ErrorOf(nullptr, code, sqlite3_sql(statement_));
    error.message += " (a parameter could not be bound)";
    return error;
  }
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  Error error = ErrorOf(sqlite3_db_handle(statement_), code, sqlite3_sql(statement_));
  Reset();
  return error;
}

Status Statement::Run() {
  bool more = true;
  while (more) {
    TIDEMARK_ASSIGN_OR_RETURN(more, Step());
  }
  Reset();
  return Ok{};
}

void Statement::Reset() {
  bind_error_ = 0;
  // The code that sqlite3_reset returns is that of the last step, reported already.
  (void)sqlite3_reset(statement_);
  (void)sqlite3_clear_bindings(statement_);
}

bool Statement::busy() const { return sqlite3_stmt_busy(statement_) != 0; }

bool Statement::IsNull(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

std::int64_t Statement::Int64(int column) const { return sqlite3_column_int64(statement_, column); }

double Statement::Double(int column) const { return sqlite3_column_double(statement_, column); }

std::string_view Statement::Text(int column) const {
  const unsigned char* text = sqlite3_column_text(statement_, column);
  if (text == nullptr) return {};
  return {reinterpret_cast<const char*>(text),
          static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

std::string_view Statement::Blob(int column) const {
  const void* bytes = sqlite3_column_blob(statement_, column);
  if (bytes == nullptr) return {};
  return {static_cast<const char*>(bytes),
          static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

Result<Statement*> StatementPool::Take(sqlite3* handle, std::string_view sql) {
  auto found = statements_.find(sql);
  if (found != statements_.end()) {
    for (const auto& statement : found->second) {
      if (statement->busy()) continue;
      statement->Reset();
      return statement.get();
    }
  }
  TIDEMARK_ASSIGN_OR_RETURN(Statement prepared, PrepareOne(handle, sql, SQLITE_PREPARE_PERSISTENT));
  if (size_ >= statements_max_) DropIdle();
  auto& same_text = statements_[std::string(sql)];
  same_text.push_back(std::make_unique<Statement>(std::move(prepared)));
  ++size_;
  return same_text.back().get();
}

void StatementPool::DropIdle() {
  size_ = 0;
  for (auto entry = statements_.begin(); entry != statements_.end();) {
    std::vector<std::unique_ptr<Statement>> busy;
    for (auto& statement : entry->second) {
      if (statement->busy()) busy.push_back(std::move(statement));
    }
    size_ += busy.size();
    entry->second = std::move(busy);
    entry = entry->second.empty() ? statements_.erase(entry) : std::next(entry);
  }
}

Result<Database> Database::Open(const std::string& path, const OpenOptions& options) {
  const int initialized = sqlite3_initialize();  // not automatic in wasm
  if (initialized != SQLITE_OK) return ErrorOf(nullptr, initialized, {});
  const int access =
      options.read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &handle, access | SQLITE_OPEN_EXRESCODE,
                                   options.vfs.empty() ? nullptr : options.vfs.c_str());
  if (code != SQLITE_OK) {
    Error error = ErrorOf(handle, code, {});
    error.message += ": " + path;
    sqlite3_close_v2(handle);
    return error;
  }
  Database database(handle);
  TIDEMARK_TRY(AddSqlFunctions(handle));
  return database;
}

Database::Database(Database&& other) noexcept
    : handle_(std::exchange(other.handle_, nullptr)), cached_(std::move(other.cached_)) {}

Database& Database::operator=(Database&& other) noexcept {
  std::swap(handle_, other.handle_);
  std::swap(cached_, other.cached_);
  return *this;
}

Database::~Database() {
  // A statement that outlives its connection keeps it alive by itself until it is finalized.
  sqlite3_close_v2(handle_);
}

Status Database::Execute(std::string_view sql) {
  const char* next = sql.data();
  const char* const end = sql.data() + sql.size();
  while (next != end) {
    const std::string_view rest(next, static_cast<std::size_t>(end - next));
    TIDEMARK_ASSIGN_OR_RETURN(sqlite3_stmt * prepared, PrepareOn(handle_, rest, 0, &next));
    if (prepared == nullptr) continue;  // blanks or a comment
    Statement statement(prepared);
    TIDEMARK_TRY(statement.Run());
  }
  return Ok{};
}

Result<Statement> Database::Prepare(std::string_view sql) { return PrepareOne(handle_, sql, 0); }

Result<Statement*> Database::Cached(std::string_view sql) { return cached_.Take(handle_, sql); }

std::int64_t Database::changes() const { return sqlite3_changes64(handle_); }

bool Database::in_transaction() const { return sqlite3_get_autocommit(handle_) == 0; }

Result<SqliteTransaction> SqliteTransaction::Begin(Database& database, TransactionKind kind) {
  const bool write = kind == TransactionKind::kWrite;
  TIDEMARK_ASSIGN_OR_RETURN(Statement * begin,
                            database.Cached(write ? "BEGIN IMMEDIATE" : "BEGIN"));
  TIDEMARK_TRY(begin->Run());
  SqliteTransaction transaction(database);
  if (!write) {
    // BEGIN alone reads nothing: the snapshot is that of the first read.
    TIDEMARK_ASSIGN_OR_RETURN(Statement * pin,
                              database.Cached("SELECT 1 FROM sqlite_schema LIMIT 1"));
    TIDEMARK_TRY(pin->Run());
  }
  return transaction;
}

SqliteTransaction::SqliteTransaction(SqliteTransaction&& other) noexcept
    : database_(std::exchange(other.database_, nullptr)) {}

SqliteTransaction::~SqliteTransaction() { Rollback(); }

Status SqliteTransaction::Commit() {
  TIDEMARK_CHECK(database_ != nullptr);
  TIDEMARK_ASSIGN_OR_RETURN(Statement * commit, database_->Cached("COMMIT"));
  TIDEMARK_TRY(commit->Run());
  database_ = nullptr;
  return Ok{};
}

void SqliteTransaction::Rollback() {
  if (database_ == nullptr) return;
  Database& database = *std::exchange(database_, nullptr);
  // Some errors (a full disk, an I/O error) have rolled back already. A rollback that fails leaves
  // nothing to do: the connection is then as good as closed, and its next statement says so.
  if (!database.in_transaction()) return;
  auto rollback = database.Cached("ROLLBACK");
  if (rollback.ok()) (void)(*rollback)->Run();
}

}  // namespace tidemark::store
