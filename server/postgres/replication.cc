// The stream and its thread; the first copy is in first_copy.cc.
#include "server/postgres/replication.h"

#include <libpq-fe.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

#include "server/postgres/lsn.h"

namespace tidemark::server {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// Decoded bytes that may wait for the I/O thread before no more is read from Postgres.
constexpr std::size_t kWaitingBytesMax = 64u << 20;
// How often Postgres is told what it may forget, and that we live (its wal_sender_timeout is 60 s).
constexpr milliseconds kFeedbackInterval{200};
constexpr milliseconds kAliveInterval{10000};
// A replica that has nothing to do still follows the log, or Postgres would have to keep it.
constexpr milliseconds kIdleMarkInterval{5000};
constexpr milliseconds kPauseMin{50};
constexpr milliseconds kPauseMax{2000};
// How long a slot may stay in use by a server that died a moment ago.
constexpr milliseconds kSlotBusyMax{15000};

std::uint64_t ReadBigEndian(std::string_view bytes) {
  std::uint64_t number = 0;
  for (const char byte : bytes) number = number << 8 | static_cast<unsigned char>(byte);
  return number;
}

void AppendBigEndian(std::string& out, std::uint64_t number) {
  for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<char>(number >> shift));
}

}  // namespace

Replication::Replication(std::string url, std::string slot, Catalog catalog, PostTask post,
                         ReplicationEvents events)
    : url_(std::move(url)),
      slot_(std::move(slot)),
      catalog_(std::move(catalog)),
      post_(std::move(post)),
      events_(std::move(events)),
      wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

Replication::~Replication() {
  Stop();
  close(wake_);
}

void Replication::Stop() {
  stopping_ = true;
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(wake_, &one, sizeof one);
  { const std::lock_guard<std::mutex> lock(mutex_); }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

std::vector<DecodedTransaction> Replication::Take() {
  std::vector<DecodedTransaction> taken;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    taken = std::exchange(arrived_, {});
    arrived_bytes_ = 0;
  }
  changed_.notify_all();
  return taken;
}

void Replication::Confirm(std::uint64_t position) { confirmed_ = position; }

// ---- starting ----

Status Replication::Start(PgConnection& connection, Replica& replica, bool stale) {
  TIDEMARK_ASSIGN_OR_RETURN(stream_, PgConnection::Open(url_, PgRole::kReplication));
  TIDEMARK_ASSIGN_OR_RETURN(epoch_, Identify(connection));
  TIDEMARK_ASSIGN_OR_RETURN(const bool resume, CanResume(connection, replica, epoch_));
  if (stale || !resume) {
    TIDEMARK_TRY(DropSlot(connection));
    TIDEMARK_TRY(CopyAll(connection, replica, epoch_));
  }
  delivered_ = replica.version().position;
  confirmed_ = delivered_;
  TIDEMARK_TRY(StartStream(delivered_));
  thread_ = std::thread([this] { Run(); });
  return Ok{};
}

Status Replication::StartStream(std::uint64_t position) {
  const std::string command = "START_REPLICATION SLOT \"" + slot_ + "\" LOGICAL " +
                              FormatLsn(position) +
                              " (proto_version '1', publication_names 'tidemark')";
  const auto until = steady_clock::now() + kSlotBusyMax;
  while (true) {
    const PgResult started = stream_->Execute(command);
    if (started.ok()) break;
    const Fault& fault = started.fault();
    // 55006: another process, perhaps one that is just being cleared away, reads the slot.
    if (fault.sqlstate != "55006" || steady_clock::now() > until || !Pause(kPauseMin)) {
      return Error{fault.error.code,
                   "Postgres: cannot read the slot " + slot_ + ": " + fault.error.message};
    }
  }
  output_ = std::make_unique<PgOutput>(catalog_);
  sent_feedback_ = 0;
  last_feedback_ = steady_clock::now();
  return Ok{};
}

// ---- on the thread ----

bool Replication::Pause(milliseconds time) {
  std::unique_lock<std::mutex> lock(mutex_);
  return !changed_.wait_for(lock, time, [this] { return stopping_.load(); });
}

void Replication::Run() {
  while (!stopping_) {
    const Status status = ReadStream();
    if (stopping_) break;
    const Error& error = status.error();
    if (error.code != ErrorCode::kUnavailable)
      return post_([this, error] { events_.fatal(error); });
    post_([this, reason = error.message] { events_.availability(false, reason); });
    for (milliseconds pause = kPauseMin;; pause = std::min(pause * 2, kPauseMax)) {
      if (!Pause(pause)) break;
      const Status connected = Reconnect();
      if (connected.ok()) {
        post_([this] { events_.availability(true, ""); });
        break;
      }
      if (connected.error().code != ErrorCode::kUnavailable) {
        return post_([this, fatal = connected.error()] { events_.fatal(fatal); });
      }
    }
  }
  if (stream_ != nullptr && stream_->alive()) (void)SendFeedback(true);
  stream_.reset();
}

/// The history may be another one now (a standby was promoted): then the replica is of no use.
Status Replication::Reconnect() {
  stream_.reset();
  TIDEMARK_ASSIGN_OR_RETURN(const auto connection, PgConnection::Open(url_, PgRole::kSql));
  TIDEMARK_ASSIGN_OR_RETURN(stream_, PgConnection::Open(url_, PgRole::kReplication));
  TIDEMARK_ASSIGN_OR_RETURN(const std::string epoch, Identify(*connection));
  if (epoch != epoch_) {
    return Error{ErrorCode::kCorrupt,
                 "Postgres has another history now (restored, or a standby was promoted): start "
                 "the server again"};
  }
  return StartStream(delivered_);
}

Status Replication::ReadStream() {
  PGconn* connection = stream_->handle();
  while (!stopping_) {
    char* buffer = nullptr;
    const int size = PQgetCopyData(connection, &buffer, 1);
    if (size > 0) {
      Status handled = OnFrame({buffer, static_cast<std::size_t>(size)});
      PQfreemem(buffer);
      TIDEMARK_TRY(std::move(handled));
      continue;
    }
    if (size < 0) {
      std::string reason = PQerrorMessage(connection);
      if (reason.empty()) reason = "the replication connection was closed";
      return Error{ErrorCode::kUnavailable, reason};
    }
    TIDEMARK_TRY(SendFeedback(false));
    std::array<pollfd, 2> wait = {pollfd{PQsocket(connection), POLLIN, 0},
                                  pollfd{wake_, POLLIN, 0}};
    const bool behind = confirmed_ != sent_feedback_;
    const auto timeout = behind ? kFeedbackInterval : kIdleMarkInterval;
    const int ready = poll(wait.data(), wait.size(), static_cast<int>(timeout.count()));
    if (ready > 0 && wait[0].revents != 0 && PQconsumeInput(connection) == 0) {
      return Error{ErrorCode::kUnavailable, PQerrorMessage(connection)};
    }
  }
  return Ok{};
}

Status Replication::OnFrame(std::string_view frame) {
  constexpr std::size_t kDataHeader = 1 + 8 + 8 + 8;
  if (frame.size() >= kDataHeader && frame[0] == 'w') {
    TIDEMARK_ASSIGN_OR_RETURN(std::optional<DecodedTransaction> done,
                              output_->Decode(frame.substr(kDataHeader)));
    if (done.has_value() && done->end_lsn > delivered_) Deliver(std::move(*done));
    return SendFeedback(false);
  }
  constexpr std::size_t kAliveSize = 1 + 8 + 8 + 1;
  if (frame.size() < kAliveSize || frame[0] != 'k') return Ok{};
  const std::uint64_t end = ReadBigEndian(frame.substr(1, 8));
  // Everything before `end` was sent, so that is where the replica is once it has what it was sent.
  const auto now = steady_clock::now();
  if (end > delivered_ && !output_->in_transaction() &&
      now - last_idle_mark_ >= kIdleMarkInterval) {
    last_idle_mark_ = now;
    DecodedTransaction mark;
    mark.end_lsn = end;
    Deliver(std::move(mark));
  }
  const bool wants_answer = frame[17] != 0;
  return SendFeedback(wants_answer);
}

bool Replication::WaitForRoom() {
  std::unique_lock<std::mutex> lock(mutex_);
  changed_.wait(lock, [this] { return stopping_ || arrived_bytes_ < kWaitingBytesMax; });
  return !stopping_;
}

void Replication::Deliver(DecodedTransaction transaction) {
  if (!WaitForRoom()) return;
  delivered_ = transaction.end_lsn;
  bool first = false;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    first = arrived_.empty();
    arrived_bytes_ += transaction.bytes;
    arrived_.push_back(std::move(transaction));
  }
  if (first) post_([this] { events_.arrived(); });
}

Status Replication::SendFeedback(bool force) {
  const auto now = steady_clock::now();
  const std::uint64_t confirmed = confirmed_;
  const auto since = now - last_feedback_;
  const bool due =
      since >= kAliveInterval || (confirmed != sent_feedback_ && since >= kFeedbackInterval);
  if (!force && !due) return Ok{};
  std::string message = "r";
  for (int i = 0; i < 3; ++i) AppendBigEndian(message, confirmed);  // written, flushed, applied
  AppendBigEndian(message, 0);                                      // no clock
  message.push_back('\0');                                          // no answer wanted
  if (PQputCopyData(stream_->handle(), message.data(), static_cast<int>(message.size())) != 1 ||
      PQflush(stream_->handle()) != 0) {
    return Error{ErrorCode::kUnavailable, PQerrorMessage(stream_->handle())};
  }
  sent_feedback_ = confirmed;
  last_feedback_ = now;
  return Ok{};
}

}  // namespace tidemark::server
