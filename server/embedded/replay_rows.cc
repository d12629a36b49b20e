#include "server/embedded/replay_rows.h"

#include <utility>

#include "core/store/sqlite_result.h"

namespace tidemark::server {

void ReplayRows::Begin() {
  has_savepoint_ = false;
  changes_.clear();
  fault_.reset();
}

Status ReplayRows::Execute(std::string_view sql) {
  TIDEMARK_ASSIGN_OR_RETURN(store::Statement * statement, database_.Cached(sql));
  return statement->Run();
}

Status ReplayRows::Accept(model::NetChanges& net) {
  if (has_savepoint_) TIDEMARK_TRY(Execute("RELEASE mutation"));
  for (model::RowChange& change : changes_) net.Add(std::move(change));
  changes_.clear();
  return Ok{};
}

Status ReplayRows::Undo() {
  changes_.clear();
  if (!has_savepoint_) return Ok{};
  TIDEMARK_TRY(Execute("ROLLBACK TO mutation"));
  return Execute("RELEASE mutation");
}

void ReplayRows::NoteFault(const Error& error) {
  switch (error.code) {
    case ErrorCode::kAlreadyExists:
    case ErrorCode::kInvalidArgs:
    case ErrorCode::kNotFound:
    case ErrorCode::kConflict:
      return;
    default:
      if (!fault_.has_value()) fault_ = error;
  }
}

Result<mutation::Lookup> ReplayRows::Get(model::TableIndex table, const RowKey& key) {
  Result<model::Row> row = store_.Get(table, key);
  if (!row.ok()) {
    NoteFault(row.error());
    return std::move(row).error();
  }
  if (!*row) return mutation::Lookup{};
  return mutation::Lookup{mutation::Presence::kPresent, std::move(*row)};
}

Result<mutation::Lookup> ReplayRows::GetForInsert(model::TableIndex, const RowKey&) {
  return mutation::Lookup{mutation::Presence::kUnknown, {}};  // Write reports kAlreadyExists
}

Status ReplayRows::WriteRow(const mutation::RowWrite& write) {
  if (!has_savepoint_) {
    TIDEMARK_TRY(Execute("SAVEPOINT mutation"));
    has_savepoint_ = true;
  }
  switch (write.kind) {
    case mutation::RowWrite::Kind::kInsert:
      return store_.Insert(write.table, write.after);
    case mutation::RowWrite::Kind::kUpdate:
      return store_.Put(write.table, write.after);
    case mutation::RowWrite::Kind::kDelete:
      return store_.Delete(write.table, write.key);
  }
  return Ok{};
}

Status ReplayRows::Write(mutation::RowWrite write) {
  Status written = WriteRow(write);
  if (!written.ok()) {
    NoteFault(written.error());
    return written;
  }
  changes_.push_back(model::RowChange{write.table, std::move(write.key), std::move(write.before),
                                      std::move(write.after)});
  return Ok{};
}

Result<std::string> ReplayRows::Run(const query::Query& query) {
  Result<std::string> result = store::RunToJson(store_.schema(), query, database_, queries_);
  // A sum that is too large is the app's.
  if (!result.ok() && result.error().code != ErrorCode::kLimit) NoteFault(result.error());
  return result;
}

}  // namespace tidemark::server
