#include "core/model/exact_sum.h"

#include <algorithm>
#include <cfloat>
#include <cmath>
#include <cstring>

namespace tidemark::model {
namespace {

__extension__ using Wide = unsigned __int128;

constexpr unsigned kDigitBits = 32;
constexpr std::int64_t kDigitMask = 0xffffffff;
constexpr int kLowestExponent = -1074;
// Each add changes a digit by less than 2^32.
constexpr std::uint32_t kAddsMax = std::uint32_t{1} << 30;

// Digits between 0 and 2^32, except the last, which has the sign. Nothing is lost behind it: it is
// a digit of its own.
void CarryAll(std::vector<std::int64_t>& digits) {
  std::int64_t carry = 0;
  for (std::int64_t& digit : digits) {
    digit += carry;
    carry = digit >> kDigitBits;
    digit &= kDigitMask;
  }
  digits.push_back(carry);
}

}  // namespace

void ExactSum::Reserve(std::size_t first, std::size_t last) {
  if (digits_.empty()) first_ = first;
  if (first < first_) {
    digits_.insert(digits_.begin(), first_ - first, 0);
    first_ = first;
  }
  if (last >= first_ + digits_.size()) digits_.resize(last - first_ + 1);
}

void ExactSum::Carry() {
  CarryAll(digits_);
  adds_ = 0;
}

void ExactSum::Add(double number) {
  if (number == 0) return;
  int exponent = 0;
  const double fraction = std::frexp(std::fabs(number), &exponent);
  auto mantissa = static_cast<std::uint64_t>(std::ldexp(fraction, 53));
  exponent -= 53;
  // Subnormal numbers have fewer bits: what is shifted out is zero.
  if (exponent < kLowestExponent) {
    mantissa >>= kLowestExponent - exponent;
    exponent = kLowestExponent;
  }
  const auto power = static_cast<std::size_t>(exponent - kLowestExponent);
  const std::size_t first = power / kDigitBits;
  Reserve(first, first + 2);
  Wide bits = static_cast<Wide>(mantissa) << (power % kDigitBits);
  for (std::size_t i = first - first_; bits != 0; ++i, bits >>= kDigitBits) {
    const auto digit = static_cast<std::int64_t>(static_cast<std::uint32_t>(bits));
    digits_[i] += number < 0 ? -digit : digit;
  }
  if (++adds_ == kAddsMax) Carry();
}

std::optional<double> ExactSum::Round() const {
  std::vector<std::int64_t> digits = digits_;
  CarryAll(digits);
  const bool negative = digits.back() < 0;
  if (negative) {
    for (std::int64_t& digit : digits) digit = -digit;
    CarryAll(digits);
  }
  while (!digits.empty() && digits.back() == 0) digits.pop_back();
  if (digits.empty()) return 0.0;
  // The first three digits have at least 65 bits: what is behind them decides ties only, as one
  // bit.
  const std::size_t count = std::min<std::size_t>(digits.size(), 3);
  Wide bits = 0;
  for (std::size_t i = 0; i < count; ++i) {
    bits = bits << kDigitBits | static_cast<std::uint64_t>(digits[digits.size() - 1 - i]);
  }
  const auto rest_end = digits.end() - static_cast<std::ptrdiff_t>(count);
  if (std::any_of(digits.begin(), rest_end, [](std::int64_t digit) { return digit != 0; })) {
    bits |= 1;
  }
  const int exponent = static_cast<int>((first_ + digits.size() - count) * kDigitBits);
  // A result that is subnormal has no bits below 2^-1074, so ldexp rounds nothing.
  const double sum = std::ldexp(static_cast<double>(bits), exponent + kLowestExponent);
  if (!std::isfinite(sum)) return std::nullopt;
  return negative ? -sum : sum;
}

bool ExactSum::IsNegative() const {
  std::vector<std::int64_t> digits = digits_;
  CarryAll(digits);
  return digits.back() < 0;
}

// The nearest number leaves a rest that is 2^53 times smaller.
std::vector<double> ExactSum::Parts() const {
  std::vector<double> parts;
  for (ExactSum rest = *this;;) {
    const double part = rest.Round().value_or(rest.IsNegative() ? -DBL_MAX : DBL_MAX);
    if (part == 0) return parts;
    parts.push_back(part);
    rest.Add(-part);
  }
}

}  // namespace tidemark::model
