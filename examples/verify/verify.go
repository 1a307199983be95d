// Verifies an access token with go-oidc: ISSUER=https://login.example.org verify TOKEN
package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	oidc "github.com/coreos/go-oidc" // with Go modules "github.com/coreos/go-oidc/v3/oidc"
)

// Claims are what the example shows of a token's claims.
type Claims struct {
	Subject string   `json:"sub"`
	Email   string   `json:"email"`
	Roles   []string `json:"roles"`
}

// NewVerifier is to be called once: it keeps the keys, and looks again whenever none of them verifies a token.
func NewVerifier(issuer, audience, algorithm string) *oidc.IDTokenVerifier {
	ctx := oidc.ClientContext(context.Background(), &http.Client{Timeout: 10 * time.Second, Transport: lookAgain{}})
	return oidc.NewVerifier(issuer, oidc.NewRemoteKeySet(ctx, issuer+"/.well-known/jwks.json"), &oidc.Config{
		ClientID:             audience,
		SupportedSigningAlgs: []string{algorithm},
		Now:                  func() time.Time { return time.Now().Add(-30 * time.Second) }, // for clocks that differ
	})
}

// Verify returns the claims of a good token. The library looks at everything but the kind of token and who it is about.
func Verify(ctx context.Context, verifier *oidc.IDTokenVerifier, token string) (*Claims, error) {
	verified, err := verifier.Verify(ctx, token)
	if err != nil {
		return nil, err
	}
	var header struct{ Typ string }
	first, _ := base64.RawURLEncoding.DecodeString(strings.SplitN(token, ".", 2)[0])
	if json.Unmarshal(first, &header) != nil || header.Typ != "at+jwt" {
		return nil, errors.New("this is no access token")
	}
	claims := &Claims{}
	if err := verified.Claims(claims); err != nil {
		return nil, err
	}
	if claims.Subject == "" {
		return nil, errors.New("the token does not say whose it is")
	}
	return claims, nil
}

// lookAgain hides how long the keys may be kept. Debian's version 2.1 would not look for a new key until then; version 3 always
// does, and needs no lookAgain.
type lookAgain struct{}

func (lookAgain) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := http.DefaultTransport.RoundTrip(request)
	if err == nil {
		response.Header.Del("Cache-Control")
	}
	return response, err
}

func main() {
	issuer := os.Getenv("ISSUER")                 // the server's PUBLIC_URL, without a slash at its end
	audience := or(os.Getenv("AUDIENCE"), issuer) // this service's own, one of the server's JWT_AUDIENCE
	// "EdDSA" where it has JWT_ALGORITHM=EdDSA; never what a token says.
	algorithm := or(os.Getenv("ALGORITHM"), "ES256")
	claims, err := Verify(context.Background(), NewVerifier(issuer, audience, algorithm), os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	line, _ := json.Marshal(claims)
	fmt.Println(string(line))
}

func or(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}
