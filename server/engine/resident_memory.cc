#include "server/engine/resident_memory.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>

namespace tidemark::server {

std::size_t ResidentBytes() {
  const int file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  char text[128];
  const ssize_t length = read(file, text, sizeof text - 1);
  close(file);
  if (length <= 0) return 0;
  text[length] = '\0';
  char* after_total = nullptr;
  static_cast<void>(std::strtoull(text, &after_total, 10));
  const unsigned long long pages = std::strtoull(after_total, nullptr, 10);
  return static_cast<std::size_t>(pages) * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

}  // namespace tidemark::server
