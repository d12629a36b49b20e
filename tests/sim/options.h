// What may go wrong in a simulation, and how often.
#ifndef TIDEMARK_TESTS_SIM_OPTIONS_H_
#define TIDEMARK_TESTS_SIM_OPTIONS_H_

#include <cstdint>

namespace tidemark::sim {

/// Weights of a step: how often it is drawn beside the others. 0: never.
struct Faults {
  std::uint32_t disconnect = 4;     // a connection is cut, frames in flight are lost
  std::uint32_t stall = 4;          // a connection delivers nothing for a while
  std::uint32_t relay_crash = 2;    // the worker dies and the disk forgets what was not flushed
  std::uint32_t disk_fault = 2;     // a coming operation of a relay's disk fails
  std::uint32_t browser_crash = 1;  // relay and tabs at once
  std::uint32_t tab_close = 2;
  std::uint32_t server_crash = 2;               // what was not committed is lost, what was is not
  std::uint32_t server_crash_after_commit = 1;  // and nobody is told of the last commit
  std::uint32_t outside_commit = 6;             // a write that did not come through Tidemark
  std::uint32_t alter = 0;                      // a row that the server sends is altered on the way
};

struct Options {
  std::uint64_t seed = 1;
  std::uint32_t steps = 400;
  std::uint32_t relays = 2;
  std::uint32_t tabs_per_relay_max = 3;
  std::uint32_t direct_clients_max = 2;
  Faults faults = {};
};

}  // namespace tidemark::sim

#endif  // TIDEMARK_TESTS_SIM_OPTIONS_H_
