// What a write costs the hub, from the commit to the frames that are to be sent: one that 1, 100 or
// 10,000 sessions are told of, all with the same query; and one that touches one of as many queries
// `board = <id>`. Sockets are not in it.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/hub/hub.h"
#include "core/model/schema.h"
#include "core/store/memory_source.h"

namespace tidemark {
namespace {

using model::Row;
using model::Value;

constexpr model::TableIndex kTodo = 0;
constexpr std::int64_t kBoardSize = 10;

constexpr char kSchema[] = R"({"tables":[{"name":"todo","columns":[
    {"name":"id","type":"string"},{"name":"board","type":"string"},
    {"name":"title","type":"string"},{"name":"rank","type":"number"}],
  "primaryKey":["id"],"indexes":[["rank"],["board"]],"uniques":[],"relationships":[]}]})";
constexpr char kFirstHundred[] = R"({"table":"todo","orderBy":[["rank","asc"]],"limit":100})";

std::string Board(std::int64_t board) { return "board" + std::to_string(board); }

std::string BoardTree(std::int64_t board) {
  return R"({"table":"todo","where":{"op":"=","column":"board","value":")" + Board(board) +
         R"("},"orderBy":[["rank","asc"]]})";
}

Row Todo(std::int64_t i, const std::string& title) {
  return Row::Make({Value("0192f0c1-0000-7000-8000-" + std::to_string(100000 + i)),
                    Value(Board(i / kBoardSize)), Value(title), Value(static_cast<double>(i))});
}

/// A hub over a table in memory. A query's name is its tree.
class Server {
 public:
  explicit Server(std::int64_t rows) {
    for (std::int64_t i = 0; i < rows; ++i) Put(Todo(i, "Water the plants"));
  }

  void Connect(const std::vector<std::string>& trees) {
    hub::NewSession session;
    session.session = ++last_session_;
    session.hello.schema_hash = schema_.hash();
    session.hello.schema_json = kSchema;
    for (const std::string& tree : trees) {
      session.hello.queries.push_back(protocol::DesiredQuery{QueryKey(tree), "tree", tree});
    }
    hub_.OpenSession(std::move(session));
    for (hub::ResolveRequest& asked : hub_.TakeOutput().resolve) {
      hub_.OnResolved(asked.session, asked.key, asked.serial, std::move(asked.args_json));
    }
    for (std::unique_ptr<hub::HydrationJob>& job : hub_.TakeOutput().jobs) {
      job->Run(store_, hub_.version());
      TIDEMARK_CHECK(hub_.OnHydrated(std::move(job)).ok());
    }
    hub_.TakeOutput();
  }

  hub::Output Commit(const Row& row) {
    hub::Commit commit;
    commit.to = Version{"epoch", hub_.version().position + 1};
    commit.changes.push_back(Put(row));
    TIDEMARK_CHECK(hub_.Advance(std::move(commit)).ok());
    return hub_.TakeOutput();
  }

 private:
  model::RowChange Put(const Row& row) {
    RowKey key = model::KeyOf(schema_.table(kTodo), row);
    Row before = store_.Apply(kTodo, key, row);
    return {kTodo, std::move(key), std::move(before), row};
  }

  model::Schema schema_ = model::Schema::Parse(kSchema).value();
  store::MemoryStore store_{schema_};
  hub::Hub hub_{store_, Version{"epoch", 1}, "bench"};
  hub::SessionID last_session_ = 0;
};

/// Writes the title of row 7, over and over; `told` sessions hear of it, by header and segment.
void WriteRepeatedly(benchmark::State& state, Server& server, std::size_t told) {
  const Row versions[] = {Todo(7, "one"), Todo(7, "two")};
  std::size_t turn = 0;
  for (auto _ : state) {
    const hub::Output output = server.Commit(versions[turn++ % 2]);
    TIDEMARK_CHECK(output.frames.size() == 2 * told);
  }
  state.SetComplexityN(state.range(0));
}

void WriteToSubscribersOfOneQuery(benchmark::State& state) {
  Server server(20000);
  for (std::int64_t i = 0; i < state.range(0); ++i) server.Connect({kFirstHundred});
  WriteRepeatedly(state, server, static_cast<std::size_t>(state.range(0)));
}

void WriteToOneBoardOfMany(benchmark::State& state) {
  constexpr std::int64_t kBoardsASession = 100;
  Server server(state.range(0) * kBoardSize);
  for (std::int64_t from = 0; from < state.range(0); from += kBoardsASession) {
    std::vector<std::string> trees;
    for (std::int64_t i = from; i < std::min(from + kBoardsASession, state.range(0)); ++i) {
      trees.push_back(BoardTree(i));
    }
    server.Connect(trees);
  }
  WriteRepeatedly(state, server, 1);
}

BENCHMARK(WriteToSubscribersOfOneQuery)->Arg(1)->Arg(100)->Arg(10000)->Complexity();
BENCHMARK(WriteToOneBoardOfMany)->Arg(1)->Arg(100)->Arg(10000)->Complexity();

}  // namespace
}  // namespace tidemark

BENCHMARK_MAIN();
