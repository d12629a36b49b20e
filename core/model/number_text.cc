#include "core/model/number_text.h"

#include <array>
#include <boost/json/serializer.hpp>
#include <boost/json/value.hpp>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdlib>

#include "core/base/check.h"
#include "core/model/limits.h"

namespace tidemark::model {
namespace {

/// `0.d1d2d3… * 10^point`.
struct Decimal {
  std::array<char, 20> digits;
  int count = 0;
  int point = 0;
};

/// Splits the shortest form that Boost.JSON (Ryu) writes, `d[.ddd]E[-]dd`.
Decimal ShortestDecimal(double magnitude) {
  const boost::json::value value(magnitude);
  boost::json::serializer serializer;
  serializer.reset(&value);
  std::array<char, 40> buffer;
  const boost::json::string_view text = serializer.read(buffer.data(), buffer.size());
  Decimal decimal;
  std::size_t i = 0;
  for (; i < text.size() && text[i] != 'E'; ++i) {
    if (text[i] != '.') decimal.digits[static_cast<std::size_t>(decimal.count++)] = text[i];
  }
  int exponent = 0;
  if (i < text.size()) {
    std::from_chars(text.data() + i + 1, text.data() + text.size(), exponent);
  }
  decimal.point = exponent + 1;
  return decimal;
}

void AppendExponent(std::string& out, const Decimal& decimal) {
  out.push_back(decimal.digits[0]);
  if (decimal.count > 1) {
    out.push_back('.');
    out.append(decimal.digits.data() + 1, static_cast<std::size_t>(decimal.count - 1));
  }
  out.push_back('e');
  const int exponent = decimal.point - 1;
  out.push_back(exponent < 0 ? '-' : '+');
  AppendInteger(out, std::abs(exponent));
}

/// The steps of Number::toString for radix 10.
void AppendDecimal(std::string& out, const Decimal& decimal) {
  const std::size_t count = static_cast<std::size_t>(decimal.count);
  const int point = decimal.point;
  if (point > 21 || point <= -6) {
    AppendExponent(out, decimal);
  } else if (point <= 0) {
    out.append("0.");
    out.append(static_cast<std::size_t>(-point), '0');
    out.append(decimal.digits.data(), count);
  } else if (decimal.count <= point) {
    out.append(decimal.digits.data(), count);
    out.append(static_cast<std::size_t>(point - decimal.count), '0');
  } else {
    const std::size_t whole = static_cast<std::size_t>(point);
    out.append(decimal.digits.data(), whole);
    out.push_back('.');
    out.append(decimal.digits.data() + whole, count - whole);
  }
}

/// Clinger's fast path: few digits and a small power of ten are exact in a double, so that one
/// correctly rounded operation gives the correctly rounded result.
bool ParseFast(std::string_view text, double& result) {
  static constexpr std::array<double, 23> kPowers = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                     1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                                     1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
  std::size_t i = 0;
  const bool negative = !text.empty() && text[0] == '-';
  if (negative) ++i;
  std::uint64_t digits = 0;
  int exponent = 0;
  bool fraction = false;
  for (; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '.') {
      fraction = true;
    } else if (c >= '0' && c <= '9') {
      if (digits > 900719925474098u) return false;  // the next digit might pass 2^53
      digits = digits * 10 + static_cast<std::uint64_t>(c - '0');
      if (fraction) --exponent;
    } else {
      break;
    }
  }
  if (i < text.size()) {
    ++i;  // e or E
    if (i < text.size() && text[i] == '+') ++i;
    int written = 0;
    const auto end = std::from_chars(text.data() + i, text.data() + text.size(), written);
    if (end.ec != std::errc() || written > 400 || written < -400) return false;
    exponent += written;
  }
  if (exponent < -22 || exponent > 22) return false;
  const double exact = static_cast<double>(digits);
  const double scaled = exponent < 0 ? exact / kPowers[static_cast<std::size_t>(-exponent)]
                                     : exact * kPowers[static_cast<std::size_t>(exponent)];
  result = negative ? -scaled : scaled;
  return true;
}

}  // namespace

void AppendInteger(std::string& out, std::int64_t integer) {
  std::array<char, 24> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), integer);
  out.append(buffer.data(), end.ptr);
}

void AppendNumber(std::string& out, double number) {
  TIDEMARK_CHECK(std::isfinite(number));
  const double magnitude = std::fabs(number);
  if (magnitude <= static_cast<double>(kExactIntegerMax)) {
    const std::int64_t integer = static_cast<std::int64_t>(number);
    if (static_cast<double>(integer) == number) return AppendInteger(out, integer);
  }
  if (number < 0) out.push_back('-');
  AppendDecimal(out, ShortestDecimal(magnitude));
}

double ParseNumber(std::string_view text) {
  double number = 0;
  if (ParseFast(text, number)) return number;
#if defined(__cpp_lib_to_chars)
  const auto end = std::from_chars(text.data(), text.data() + text.size(), number);
  if (end.ec == std::errc()) return number;
#endif
  // Overflow and underflow end here too. No program of ours sets a locale with a decimal comma.
  return std::strtod(std::string(text).c_str(), nullptr);
}

}  // namespace tidemark::model
