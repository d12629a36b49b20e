#include "server/auth/verification_key.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>

#include <array>
#include <utility>

#include "core/base/check.h"

namespace tidemark::server::auth {
namespace {

constexpr std::size_t kHashBytes = 32;
constexpr std::size_t kCoordinateBytes = 32;
constexpr char kP256[] = "prime256v1";

template <auto Function>
struct Free {
  template <typename T>
  void operator()(T* object) const {
    Function(object);
  }
};
using Bio = std::unique_ptr<BIO, Free<BIO_free_all>>;
using BigNumber = std::unique_ptr<BIGNUM, Free<BN_free>>;
using ParameterBuilder = std::unique_ptr<OSSL_PARAM_BLD, Free<OSSL_PARAM_BLD_free>>;
using Parameters = std::unique_ptr<OSSL_PARAM, Free<OSSL_PARAM_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Free<EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Free<EVP_MD_CTX_free>>;
using EcSignature = std::unique_ptr<ECDSA_SIG, Free<ECDSA_SIG_free>>;

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

BigNumber Number(std::string_view big_endian) {
  return BigNumber(BN_bin2bn(Bytes(big_endian), static_cast<int>(big_endian.size()), nullptr));
}

Error Unusable(std::string message) { return Error{ErrorCode::kInvalidArgs, std::move(message)}; }

/// Null if the parameters are no key.
EVP_PKEY* Import(const char* type, OSSL_PARAM_BLD* builder) {
  const Parameters parameters(OSSL_PARAM_BLD_to_param(builder));
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  TIDEMARK_CHECK(parameters != nullptr && context != nullptr);
  EVP_PKEY* key = nullptr;
  if (EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1) {
    ERR_clear_error();
    return nullptr;
  }
  return key;
}

bool IsOnP256(const EVP_PKEY* key) {
  std::array<char, 64> name{};
  std::size_t length = 0;
  return EVP_PKEY_get_group_name(key, name.data(), name.size(), &length) == 1 &&
         std::string_view(name.data(), length) == kP256;
}

/// r and s side by side to DER; empty if they are no signature.
std::string DerOf(std::string_view signature) {
  if (signature.size() != 2 * kCoordinateBytes) return {};
  const EcSignature pair(ECDSA_SIG_new());
  BigNumber r = Number(signature.substr(0, kCoordinateBytes));
  BigNumber s = Number(signature.substr(kCoordinateBytes));
  TIDEMARK_CHECK(pair != nullptr && r != nullptr && s != nullptr);
  TIDEMARK_CHECK(ECDSA_SIG_set0(pair.get(), r.release(), s.release()) == 1);
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(pair.get(), &der);
  if (size <= 0) return {};
  std::string bytes(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return bytes;
}

}  // namespace

std::string_view AlgorithmName(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::kHs256:
      return "HS256";
    case Algorithm::kRs256:
      return "RS256";
    case Algorithm::kEs256:
      return "ES256";
  }
  return "";
}

void VerificationKey::FreeKey::operator()(evp_pkey_st* key) const { EVP_PKEY_free(key); }

VerificationKey::VerificationKey(Algorithm algorithm, std::string secret, PublicKey key)
    : algorithm_(algorithm), secret_(std::move(secret)), key_(std::move(key)) {}
VerificationKey::VerificationKey(VerificationKey&&) noexcept = default;
VerificationKey& VerificationKey::operator=(VerificationKey&&) noexcept = default;
VerificationKey::~VerificationKey() { OPENSSL_cleanse(secret_.data(), secret_.size()); }

Result<VerificationKey> VerificationKey::FromSecret(std::string secret) {
  if (secret.size() < kSecretBytesMin) {
    return Unusable("a secret for HS256 has at least " + std::to_string(kSecretBytesMin) +
                    " bytes, this one has " + std::to_string(secret.size()) +
                    ": make one with `openssl rand -hex 32`");
  }
  return VerificationKey(Algorithm::kHs256, std::move(secret), nullptr);
}

Result<VerificationKey> VerificationKey::FromPublicKey(Algorithm algorithm, PublicKey key) {
  const bool fits = algorithm == Algorithm::kRs256 ? EVP_PKEY_is_a(key.get(), "RSA") == 1
                                                   : EVP_PKEY_is_a(key.get(), "EC") == 1;
  if (!fits || algorithm == Algorithm::kHs256) {
    return Unusable("the key is not one for " + std::string(AlgorithmName(algorithm)));
  }
  if (algorithm == Algorithm::kEs256 && !IsOnP256(key.get())) {
    return Unusable("a key for ES256 is on the curve P-256");
  }
  if (algorithm == Algorithm::kRs256 && EVP_PKEY_get_bits(key.get()) < kRsaBitsMin) {
    return Unusable("a key for RS256 has at least " + std::to_string(kRsaBitsMin) +
                    " bits, this one has " + std::to_string(EVP_PKEY_get_bits(key.get())));
  }
  return VerificationKey(algorithm, "", std::move(key));
}

Result<VerificationKey> VerificationKey::FromPem(Algorithm algorithm, std::string_view pem) {
  if (pem.find("PRIVATE KEY-----") != pem.npos) {
    return Unusable(
        "it holds a private key, which belongs to the issuer: the server takes the "
        "public one (`openssl pkey -in private.pem -pubout`)");
  }
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  TIDEMARK_CHECK(bio != nullptr);
  PublicKey key(PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr));
  ERR_clear_error();
  if (key == nullptr) {
    return Unusable("it holds no public key: neither PEM (-----BEGIN PUBLIC KEY-----) nor JWKS");
  }
  return FromPublicKey(algorithm, std::move(key));
}

Result<VerificationKey> VerificationKey::FromRsa(std::string_view modulus,
                                                 std::string_view exponent) {
  const ParameterBuilder builder(OSSL_PARAM_BLD_new());
  const BigNumber n = Number(modulus);
  const BigNumber e = Number(exponent);
  TIDEMARK_CHECK(builder != nullptr && n != nullptr && e != nullptr);
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get());
  PublicKey key(Import("RSA", builder.get()));
  if (key == nullptr) return Unusable("`n` and `e` are no RSA key");
  return FromPublicKey(Algorithm::kRs256, std::move(key));
}

Result<VerificationKey> VerificationKey::FromP256(std::string_view x, std::string_view y) {
  if (x.size() != kCoordinateBytes || y.size() != kCoordinateBytes) {
    return Unusable("`x` and `y` of a key on P-256 have 32 bytes each");
  }
  std::string point("\x04");  // uncompressed (SEC 1, section 2.3.3)
  point.append(x).append(y);
  const ParameterBuilder builder(OSSL_PARAM_BLD_new());
  TIDEMARK_CHECK(builder != nullptr);
  OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, kP256, 0);
  OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                   point.size());
  PublicKey key(Import("EC", builder.get()));
  if (key == nullptr) return Unusable("`x` and `y` are no point on P-256");
  return FromPublicKey(Algorithm::kEs256, std::move(key));
}

bool VerificationKey::Verifies(std::string_view text, std::string_view signature) const {
  if (algorithm_ == Algorithm::kHs256) {
    std::array<unsigned char, kHashBytes> mac{};
    unsigned int size = 0;
    TIDEMARK_CHECK(HMAC(EVP_sha256(), secret_.data(), static_cast<int>(secret_.size()), Bytes(text),
                        text.size(), mac.data(), &size) != nullptr);
    return signature.size() == mac.size() &&
           CRYPTO_memcmp(mac.data(), signature.data(), mac.size()) == 0;
  }
  std::string der;
  if (algorithm_ == Algorithm::kEs256) {
    der = DerOf(signature);
    if (der.empty()) return false;
    signature = der;
  }
  const DigestContext context(EVP_MD_CTX_new());
  TIDEMARK_CHECK(context != nullptr);
  // PKCS #1 v1.5 is what EVP does for an RSA key unless told otherwise.
  const bool genuine =
      EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) == 1 &&
      EVP_DigestVerify(context.get(), Bytes(signature), signature.size(), Bytes(text),
                       text.size()) == 1;
  ERR_clear_error();
  return genuine;
}

}  // namespace tidemark::server::auth
