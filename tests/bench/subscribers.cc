// Many subscribers of one query over real sockets, as cheap as they can be, so that what is
// measured is the server: connects, says hello, counts how long each write takes to reach each
// subscriber.
//
//   subscribers PORT PID COUNT WRITES RATE HELLO WRITER_HELLO PUSH
//
// HELLO, WRITER_HELLO and PUSH are JSON messages: `$N` in them is the connection's or the write's
// number. A write is seen when the text `"w<number>"` arrives. Prints a JSON object: milliseconds
// from the write until a subscriber has it, and the processor time (milliseconds a write, from the
// first to the last) of the server, whose process is PID, and of this program.

#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/bench/web_socket.h"

namespace {

using tidemark::bench::WebSocket;
using Clock = std::chrono::steady_clock;

std::string Numbered(const std::string& text, std::size_t number) {
  std::string result;
  std::size_t from = 0;
  for (std::size_t at; (at = text.find("$N", from)) != std::string::npos; from = at + 2) {
    result.append(text, from, at - from).append(std::to_string(number));
  }
  return result.append(text, from);
}

/// Until a message of the kind has come.
void Await(WebSocket& socket, std::string_view kind) {
  const std::string wanted = "\"t\":\"" + std::string(kind) + "\"";
  bool seen = false;
  while (!seen) {
    socket.Receive([&](std::string_view text) {
      if (text.find("\"t\":\"refused\"") != std::string_view::npos) {
        throw std::runtime_error(std::string(text));
      }
      seen = seen || text.find(wanted) != std::string_view::npos;
    });
  }
}

/// The number behind the last `"w` of a message; -1 without one.
long LastWrite(std::string_view text) {
  const std::size_t at = text.rfind("\"w");
  return at == std::string_view::npos ? -1 : std::strtol(text.data() + at + 2, nullptr, 10);
}

/// Milliseconds of processor time that a process has used: fields 14 and 15 of its `stat`.
double CpuMilliseconds(const std::string& process) {
  std::ifstream file("/proc/" + process + "/stat");
  std::string fields;
  if (!std::getline(file, fields)) throw std::runtime_error("no process " + process);
  std::istringstream rest(fields.substr(fields.rfind(')') + 2));
  std::string skipped;
  for (int field = 3; field < 14; ++field) rest >> skipped;
  double user = 0;
  double system = 0;
  rest >> user >> system;
  return (user + system) * 1000 / static_cast<double>(sysconf(_SC_CLK_TCK));
}

struct Options {
  std::uint16_t port;
  std::string server;
  std::size_t count;
  long writes;
  long rate;
  std::string hello;
  std::string writer_hello;
  std::string push;
};

struct Measured {
  std::vector<double> latencies;  // milliseconds
  double server_ms = 0;           // of processor time
  double own_ms = 0;
};

Measured Measure(const Options& options) {
  std::vector<WebSocket> sockets;
  const int poll = epoll_create1(0);
  for (std::size_t n = 0; n < options.count; ++n) {
    WebSocket& socket = sockets.emplace_back(options.port);
    socket.Send(Numbered(options.hello, n));
    Await(socket, "segment");
    epoll_event interest{};
    interest.events = EPOLLIN;
    interest.data.u64 = n;
    epoll_ctl(poll, EPOLL_CTL_ADD, socket.fd(), &interest);
  }
  WebSocket writer(options.port);
  writer.Send(options.writer_hello);
  Await(writer, "welcome");

  std::vector<Clock::time_point> written;
  std::vector<long> seen(options.count, -1);
  Measured measured;
  const double server_before = CpuMilliseconds(options.server);
  const double own_before = CpuMilliseconds("self");
  const auto period = std::chrono::nanoseconds(1'000'000'000 / options.rate);
  Clock::time_point next = Clock::now();
  std::size_t done = 0;
  std::array<epoll_event, 1024> events;
  while (done < options.count) {
    const Clock::time_point now = Clock::now();
    if (static_cast<long>(written.size()) < options.writes && now >= next) {
      written.push_back(now);
      writer.Send(Numbered(options.push, written.size()));
      next += period;
    }
    const auto wait = std::chrono::duration_cast<std::chrono::milliseconds>(next - Clock::now());
    const bool more = static_cast<long>(written.size()) < options.writes;
    const int ready = epoll_wait(poll, events.data(), events.size(),
                                 more ? static_cast<int>(std::max<long>(wait.count(), 0)) : 10'000);
    if (ready == 0 && !more) throw std::runtime_error("writes are missing");
    for (int i = 0; i < ready; ++i) {
      const std::size_t n = events[static_cast<std::size_t>(i)].data.u64;
      sockets[n].Receive([&](std::string_view text) {
        const long last = LastWrite(text) - 1;
        const Clock::time_point arrived = Clock::now();
        for (; seen[n] < last; ++seen[n]) {
          const std::chrono::duration<double, std::milli> took =
              arrived - written[static_cast<std::size_t>(seen[n] + 1)];
          measured.latencies.push_back(took.count());
        }
        if (last == options.writes - 1) ++done;
      });
    }
  }
  measured.server_ms = CpuMilliseconds(options.server) - server_before;
  measured.own_ms = CpuMilliseconds("self") - own_before;
  close(poll);
  return measured;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 9) return 2;
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  try {
    const Options options{static_cast<std::uint16_t>(std::atoi(argv[1])),
                          argv[2],
                          static_cast<std::size_t>(std::atol(argv[3])),
                          std::atol(argv[4]),
                          std::atol(argv[5]),
                          argv[6],
                          argv[7],
                          argv[8]};
    Measured measured = Measure(options);
    std::vector<double>& latencies = measured.latencies;
    std::sort(latencies.begin(), latencies.end());
    const auto at = [&](double part) {
      return latencies[static_cast<std::size_t>(part * static_cast<double>(latencies.size() - 1))];
    };
    const auto writes = static_cast<double>(options.writes);
    std::printf(
        "{\"deliveries\":%zu,\"p50\":%.3f,\"p99\":%.3f,\"max\":%.3f,\"serverCpu\":%.3f,"
        "\"ownCpu\":%.3f}\n",
        latencies.size(), at(0.5), at(0.99), at(1), measured.server_ms / writes,
        measured.own_ms / writes);
    return 0;
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "subscribers: %s\n", failure.what());
    return 1;
  }
}
