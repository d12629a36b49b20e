// Postgres through libpq as RAII values: a connection, and the results of statements. Failures are
// values that say what to do about them (Fault). Statements go out in steps: everything that is
// queued between two EndStep calls travels together, so a step costs one round trip.
// Invariant: session settings are the same on every connection (UTC, ISO dates, exact floats).
// Never used by two threads at once.
#ifndef TIDEMARK_SERVER_POSTGRES_CONNECTION_H_
#define TIDEMARK_SERVER_POSTGRES_CONNECTION_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/base/result.h"

struct pg_conn;
struct pg_result;

namespace tidemark::server {

/// What a failed statement means for the mutation that ran it.
struct Fault {
  enum class Kind : std::uint8_t {
    kRetry,        // serialisation failure, deadlock, lock timeout: run the transaction again
    kUnavailable,  // the connection or the server is away: connect again, then run again
    kRejected,     // the database refuses this data, now and later
  };
  Kind kind = Kind::kRejected;
  Error error;
  std::string sqlstate;
};

/// A parameter in text form; nothing is NULL.
using PgParameters = std::vector<std::optional<std::string>>;

class PgResult {
 public:
  explicit PgResult(pg_result* result) : result_(result) {}
  explicit PgResult(Fault fault) : fault_(std::move(fault)) {}

  bool ok() const { return !fault_.has_value(); }
  const Fault& fault() const { return *fault_; }
  std::size_t rows() const;
  bool IsNull(std::size_t row, int column) const;
  std::string_view Text(std::size_t row, int column) const;  // valid as long as the result
  std::uint64_t Unsigned(std::size_t row, int column) const;
  bool Bool(std::size_t row, int column) const { return Text(row, column) == "t"; }
  std::size_t affected() const;

 private:
  struct Clear {
    void operator()(pg_result* result) const;
  };
  std::unique_ptr<pg_result, Clear> result_;
  std::optional<Fault> fault_;
};

/// The fault of a result that failed, for those that have no use for its kind.
Status StatusOf(const PgResult& result);

enum class PgRole : std::uint8_t { kSql, kReplication };

class PgConnection {
 public:
  /// kUnavailable names the server and the reason.
  static Result<std::unique_ptr<PgConnection>> Open(const std::string& url, PgRole role);
  ~PgConnection();
  PgConnection(const PgConnection&) = delete;
  PgConnection& operator=(const PgConnection&) = delete;

  // One statement, one round trip; not between Queue and ReadStep.
  /// Simple protocol: also several statements without parameters, and replication commands.
  PgResult Execute(const std::string& sql);
  PgResult Query(std::string_view sql, const PgParameters& parameters = {});

  /// A statement that is prepared when its text is met first.
  void Queue(std::string_view sql, const PgParameters& parameters = {});
  void EndStep();
  /// Results of the earliest step that was not read, one a statement. After a failed one the rest
  /// of its step was not run: they carry the same fault.
  std::vector<PgResult> ReadStep();

  bool alive() const;
  pg_conn* handle() const { return connection_; }

 private:
  struct Sent {
    enum class Kind : std::uint8_t { kPrepare, kQuery, kStep };
    Kind kind;
    std::string text = {};  // kPrepare
  };
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>()(text);
    }
  };

  explicit PgConnection(pg_conn* connection) : connection_(connection) {}
  Fault FaultOf(const pg_result* result) const;
  PgResult Wrap(pg_result* result) const;
  void LeavePipeline();

  pg_conn* connection_;
  std::deque<Sent> sent_;
  std::unordered_map<std::string, std::string, TextHash, std::equal_to<>> prepared_;
  std::size_t last_name_ = 0;
  bool in_pipeline_ = false;
  bool broken_ = false;
};

}  // namespace tidemark::server

#endif  // TIDEMARK_SERVER_POSTGRES_CONNECTION_H_
