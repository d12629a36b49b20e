#include "tests/core/model/json_generator.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

namespace tidemark::testing {
namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 12> kKeys = {
    "a", "b", "aa", "a!", "a\"", "a\\", "a\n", "\xc3\xa9", "\xf0\x9f\x8c\x8a", "", "nodes", "0"};

json::value RandomScalar(Random& random) {
  switch (random.Below(7)) {
    case 0:
      return nullptr;
    case 1:
      return random.OneIn(2);
    case 2:
      return static_cast<std::int64_t>(random.Below(4));
    case 3:
      return static_cast<std::int64_t>(random.Next());
    case 4:
      return static_cast<double>(static_cast<std::int64_t>(random.Next())) / 4096.0;
    default:
      return json::value(RandomKey(random));
  }
}

}  // namespace

std::string RandomKey(Random& random) { return std::string(kKeys[random.Below(kKeys.size())]); }

json::value RandomDocument(Random& random, int depth) {
  if (depth == 0 || random.OneIn(4)) return RandomScalar(random);
  const std::uint64_t size = random.Below(5);
  if (random.OneIn(3)) {
    json::array array;
    for (std::uint64_t i = 0; i < size; ++i) array.push_back(RandomDocument(random, depth - 1));
    return array;
  }
  json::object object;
  for (std::uint64_t i = 0; i < size; ++i) {
    object[RandomKey(random)] = RandomDocument(random, depth - 1);
  }
  return object;
}

void ChangeDocument(Random& random, json::value& document) {
  if (json::object* object = document.if_object(); object != nullptr && !random.OneIn(8)) {
    for (json::key_value_pair& member : *object) {
      if (random.OneIn(2)) ChangeDocument(random, member.value());
    }
    if (random.OneIn(3)) (*object)[RandomKey(random)] = RandomDocument(random, 1);
    if (random.OneIn(3)) object->erase(RandomKey(random));
  } else if (json::array* array = document.if_array(); array != nullptr && !random.OneIn(8)) {
    for (json::value& element : *array) {
      if (random.OneIn(2)) ChangeDocument(random, element);
    }
    if (random.OneIn(4)) array->push_back(RandomDocument(random, 1));
  } else if (random.OneIn(2)) {
    document = RandomDocument(random, 2);
  }
}

model::JsonPath RandomPath(Random& random, const json::value& document) {
  model::JsonPath path;
  const json::value* at = &document;
  while (!random.OneIn(4)) {
    if (random.OneIn(8)) {
      path.emplace_back(RandomKey(random));
      at = nullptr;
    } else if (at != nullptr && at->is_object() && !at->get_object().empty()) {
      const json::object& object = at->get_object();
      const json::key_value_pair& member = *(object.begin() + random.Below(object.size()));
      path.emplace_back(std::string(member.key()));
      at = &member.value();
    } else if (at != nullptr && at->is_array()) {
      const json::array& array = at->get_array();
      const std::uint64_t index = random.Below(array.size() + 2);
      path.emplace_back(static_cast<std::uint32_t>(index));
      at = index < array.size() ? &array[index] : nullptr;
    } else if (random.OneIn(2)) {
      path.emplace_back(RandomKey(random));
      at = nullptr;
    } else {
      break;
    }
  }
  return path;
}

}  // namespace tidemark::testing
