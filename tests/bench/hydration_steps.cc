// How long the hub's thread is held up, at most, while a session subscribes to a large query and
// another one is told of writes: the processor time of each single call of the hub. Beside it, what
// reading the result takes, which is what the thread would be held up for if it did that itself.
//
//   hydration_steps [ROWS]

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/function_ref.h"
#include "core/hub/hub.h"
#include "core/protocol/version.h"
#include "core/store/sqlite.h"
#include "core/store/sqlite_source.h"

namespace {

using namespace tidemark;

constexpr char kSchema[] = R"({"tables":[{"name":"todo","columns":[
  {"name":"id","type":"string"},{"name":"title","type":"string"},{"name":"done","type":"boolean"},
  {"name":"rank","type":"number"}],"primaryKey":["id"]}]})";
constexpr int kRounds = 15;
constexpr int kWritesMeanwhile = 20;

double ThreadMilliseconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

template <typename F>
double Timed(F step) {
  const double begin = ThreadMilliseconds();
  step();
  return ThreadMilliseconds() - begin;
}

class Bench {
 public:
  explicit Bench(int rows)
      : schema_(model::Schema::Parse(kSchema).value()),
        database_(store::Database::Open(":memory:").value()) {
    Check(store::MigrateSqlite(schema_, database_));
    store_ = std::make_unique<store::SqliteStore>(schema_, database_);
    Check(database_.Execute("BEGIN"));
    for (int n = 0; n < rows; ++n) Check(store_->Insert(0, Todo(n, "Todo number " + Text(n))));
    Check(database_.Execute("COMMIT"));
    hub_ = std::make_unique<hub::Hub>(*store_, version_, "bench");
    for (const hub::SessionID session : {kSubscriber, kNewcomer}) {
      protocol::Hello hello;
      hello.protocol = protocol::kProtocolVersion;
      hello.schema_json = schema_.json();
      hub_->OpenSession(hub::NewSession{session, std::move(hello), "null", {}, {}, {}});
    }
    Subscribe(kSubscriber, R"({"table":"todo","orderBy":[["id","asc"]],"limit":100})");
    auto jobs = std::move(hub_->TakeOutput().jobs);
    for (auto& job : jobs) job->Run(*store_, version_);
    Finish(std::move(jobs));
  }

  void Round(int round) {
    // Another query each time: nothing of it is known.
    Subscribe(kNewcomer, R"({"table":"todo","where":{"op":">=","column":"rank","value":)" +
                             std::to_string(-round - 1) + "}}");
    auto jobs = std::move(hub_->TakeOutput().jobs);
    for (int write = 0; write < kWritesMeanwhile / 2; ++write) Write(round);
    reading_.push_back(Timed([&] {
      for (auto& job : jobs) job->Run(*store_, version_);
    }));
    for (int write = 0; write < kWritesMeanwhile / 2; ++write) Write(round);
    Finish(std::move(jobs));
  }

  void Print() {
    std::sort(reading_.begin(), reading_.end());
    std::sort(steps_.begin(), steps_.end());
    std::printf("reading and writing the result: %.1f ms (median of %d)\n",
                reading_[reading_.size() / 2], kRounds);
    std::printf("longest call of the hub: %.2f ms (goal: a few ms); median %.3f ms, %zu calls\n",
                steps_.back(), steps_[steps_.size() / 2], steps_.size());
    std::printf("longest that takes over what was read: %.2f ms\n", longest_taking_over_);
  }

 private:
  static constexpr hub::SessionID kSubscriber = 1;
  static constexpr hub::SessionID kNewcomer = 2;

  static void Check(const Status& status) {
    if (status.ok()) return;
    std::fprintf(stderr, "%s\n", status.error().message.c_str());
    std::exit(1);
  }
  static std::string Text(int n) { return std::to_string(n); }
  static model::Row Todo(int n, const std::string& title) {
    std::string id = Text(n);
    id.insert(0, 8 - id.size(), '0');
    return model::Row::Make({model::Value(id), model::Value(title), model::Value(n % 3 == 0),
                             model::Value(static_cast<double>(n))});
  }

  void Step(FunctionRef<void()> step) {
    steps_.push_back(Timed([&] { step(); }));
  }

  void Subscribe(hub::SessionID session, const std::string& tree) {
    protocol::ChangeQueries change;
    change.put.push_back(protocol::DesiredQuery{QueryKey(tree), "named", tree, std::nullopt});
    Step([&] { hub_->ChangeQueries(session, change); });
    for (const hub::ResolveRequest& request : hub_->TakeOutput().resolve) {
      Step([&] {
        hub_->OnResolved(request.session, request.key, request.serial, request.args_json);
      });
    }
  }

  void Finish(std::vector<std::unique_ptr<hub::HydrationJob>> jobs) {
    for (auto& job : jobs) {
      Step([&] { Check(hub_->OnHydrated(std::move(job))); });
      longest_taking_over_ = std::max(longest_taking_over_, steps_.back());
    }
    hub_->TakeOutput();
  }

  /// Of a row that both queries hold.
  void Write(int round) {
    model::Row before = store_->Get(0, model::KeyOf(schema_.table(0), Todo(7, ""))).value();
    model::Row after = Todo(7, "round " + Text(round) + ", write " + Text(++writes_));
    Check(store_->Put(0, after));
    hub::Commit commit;
    version_.position += 1;
    commit.to = version_;
    commit.changes = {model::RowChange{0, model::KeyOf(schema_.table(0), after), before, after}};
    Step([&] { Check(hub_->Advance(std::move(commit))); });
    hub_->TakeOutput();
  }

  model::Schema schema_;
  store::Database database_;
  std::unique_ptr<store::SqliteStore> store_;
  Version version_{"bench", 1};
  std::unique_ptr<hub::Hub> hub_;
  int writes_ = 0;
  std::vector<double> reading_;
  std::vector<double> steps_;
  double longest_taking_over_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  const int rows = argc > 1 ? std::atoi(argv[1]) : 20'000;
  Bench bench(rows);
  for (int round = 0; round < kRounds; ++round) bench.Round(round);
  std::printf("%d rows\n", rows);
  bench.Print();
}
