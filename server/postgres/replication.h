// The change stream of Postgres: a persistent slot read by a thread of its own, which decodes whole
// transactions and hands them over in order. The I/O thread takes them, applies them to the replica
// and confirms; only what is confirmed is given free in Postgres, so nothing is lost if either side
// dies. Never touches the replica itself after the first copy.
#ifndef TIDEMARK_SERVER_POSTGRES_REPLICATION_H_
#define TIDEMARK_SERVER_POSTGRES_REPLICATION_H_

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "core/base/ids.h"
#include "core/base/result.h"
#include "server/authority.h"
#include "server/postgres/catalog.h"
#include "server/postgres/connection.h"
#include "server/postgres/pgoutput.h"
#include "server/postgres/replica.h"

namespace tidemark::server {

/// Each is called on the I/O thread.
struct ReplicationEvents {
  std::function<void()> arrived;  // Take has something
  std::function<void(bool available, std::string reason)> availability;
  std::function<void(Error)> fatal;
};

class Replication {
 public:
  Replication(std::string url, std::string slot, Catalog catalog, PostTask post,
              ReplicationEvents events);
  ~Replication();

  /// Brings the replica to where the slot continues: resumes, or copies everything anew through a
  /// new slot. `stale`: a replica from before cannot be resumed. Then starts the thread.
  Status Start(PgConnection& connection, Replica& replica, bool stale);
  void Stop();

  const Catalog& catalog() const { return catalog_; }

  /// What has arrived, in order. `Confirm` what was applied before taking more.
  std::vector<DecodedTransaction> Take();
  void Confirm(std::uint64_t position);

 private:
  Result<std::string> Identify(PgConnection& connection);
  Result<bool> CanResume(PgConnection& connection, const Replica& replica,
                         const std::string& epoch);
  Status DropSlot(PgConnection& connection);
  Status CopyAll(PgConnection& connection, Replica& replica, const std::string& epoch);
  Status CopyTable(PgConnection& connection, Replica& replica, std::size_t table);
  Status StartStream(std::uint64_t position);

  // On the thread.
  void Run();
  Status Reconnect();
  Status ReadStream();
  Status OnFrame(std::string_view frame);
  void Deliver(DecodedTransaction transaction);
  Status SendFeedback(bool force);
  bool WaitForRoom();
  bool Pause(std::chrono::milliseconds time);

  const std::string url_;
  const std::string slot_;
  const Catalog catalog_;
  PostTask post_;
  ReplicationEvents events_;
  std::string epoch_;

  std::unique_ptr<PgConnection> stream_;
  std::unique_ptr<PgOutput> output_;
  std::uint64_t delivered_ = 0;  // end of the last transaction or idle mark handed over
  std::uint64_t sent_feedback_ = 0;
  std::chrono::steady_clock::time_point last_feedback_;
  std::chrono::steady_clock::time_point last_idle_mark_;

  std::atomic<std::uint64_t> confirmed_{0};
  std::atomic<bool> stopping_{false};
  int wake_ = -1;  // an eventfd

  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::vector<DecodedTransaction> arrived_;
  std::size_t arrived_bytes_ = 0;

  std::thread thread_;
};

}  // namespace tidemark::server

#endif  // TIDEMARK_SERVER_POSTGRES_REPLICATION_H_
